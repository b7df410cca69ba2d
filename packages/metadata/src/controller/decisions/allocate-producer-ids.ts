// AllocateProducerIds (67): gives a broker the next block of producer ids, for itself for ever (KIP-730).
import {
  type AllocateProducerIdsRequest,
  type AllocateProducerIdsResponse,
  errors,
  makeAllocateProducerIdsResponse,
} from "@ottla/protocol";
import { PRODUCER_ID_BLOCK_SIZE } from "../../limits.ts";
import { metadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { brokerEpochError } from "./broker-epoch.ts";
import { type Decider, type DecisionContext, noChange } from "./decision-context.ts";

export const allocateProducerIds: Decider<AllocateProducerIdsRequest, AllocateProducerIdsResponse> = {
  decide: decideAllocateProducerIds,
  failed: (_request, error) => makeAllocateProducerIdsResponse({ errorCode: error.code }),
};

function decideAllocateProducerIds(
  { state }: DecisionContext,
  request: AllocateProducerIdsRequest,
): Decision<AllocateProducerIdsResponse> {
  const error = brokerEpochError(state, request.brokerId, request.brokerEpoch);
  if (error !== null) return noChange(allocateProducerIds.failed(request, error, null));
  const start = state.image.producerIds.nextProducerId;
  const next = start + PRODUCER_ID_BLOCK_SIZE;
  if (!Number.isSafeInteger(next)) {
    return noChange(allocateProducerIds.failed(request, errors.UNKNOWN_SERVER_ERROR, null));
  }
  const { brokerId, brokerEpoch } = request;
  const record = metadataRecord("ProducerIdsRecord", 0, {
    brokerId,
    brokerEpoch,
    nextProducerId: BigInt(next),
  });
  const producerIds = { producerIdStart: BigInt(start), producerIdLen: PRODUCER_ID_BLOCK_SIZE };
  return { records: [record], response: makeAllocateProducerIdsResponse(producerIds), atomic: true };
}
