// InitProducerId (key 22), versions 0 to 5.
// - Without transactional id: a fresh producer id with epoch 0, whatever id and epoch the client had before;
// for whoever may write
//   idempotently to the cluster or may write to a topic.
// - Id and epoch of before come together or not at all: else INVALID_REQUEST.
// v2 flexible · v3 id and epoch of before (KIP-360) · v4 PRODUCER_FENCED · v5 TRANSACTION_ABORTABLE
// Gaps: no transactions yet: a transactional id is NOT_COORDINATOR, an empty one INVALID_REQUEST. WRITE on
// some topic, which Apache Kafka takes in place of IDEMPOTENT_WRITE, is not asked for.
import {
  type ErrorSpec,
  errors,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
  makeInitProducerIdResponse,
} from "@ottla/protocol";
import type { Handler } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

const none = -1;

export const handleInitProducerId: Handler<InitProducerIdRequest, InitProducerIdResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const refusal = refusalOf(context, request);
  if (refusal !== null) {
    reply(initProducerIdErrorReply(request, refusal));
    return;
  }
  broker.producerIds.next((result) => {
    if (typeof result === "number")
      reply(makeInitProducerIdResponse({ producerId: BigInt(result), producerEpoch: 0 }));
    else reply(initProducerIdErrorReply(request, result));
  });
};

/** The answer of a request that failed. */
export function initProducerIdErrorReply(
  _request: InitProducerIdRequest,
  error: ErrorSpec,
): InitProducerIdResponse {
  return makeInitProducerIdResponse({ errorCode: error.code, producerId: BigInt(none), producerEpoch: none });
}

function refusalOf(context: RequestContext, request: InitProducerIdRequest): ErrorSpec | null {
  const { transactionalId } = request;
  if (transactionalId !== null) {
    if (!context.isAllowed("WRITE", "TRANSACTIONAL_ID", transactionalId)) {
      return errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    }
  } else if (!context.isAllowed("IDEMPOTENT_WRITE", "CLUSTER", clusterResourceName)) {
    return errors.CLUSTER_AUTHORIZATION_FAILED;
  }
  const hasId = request.producerId !== BigInt(none);
  const hasEpoch = request.producerEpoch !== none;
  if (hasId !== hasEpoch) return errors.INVALID_REQUEST;
  if (transactionalId === null) return null;
  return transactionalId === "" ? errors.INVALID_REQUEST : errors.NOT_COORDINATOR;
}
