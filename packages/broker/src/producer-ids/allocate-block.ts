// Asks the controller for a block of producer ids in the name of this broker (AllocateProducerIds, KIP-730).
import type { BrokerConfig } from "@ottla/config";
import {
  type AllocateProducerIdsResponse,
  errorForCode,
  errors,
  makeAllocateProducerIdsRequest,
  toProducerId,
} from "@ottla/protocol";
import type { MetadataCache } from "../broker-services.ts";
import type { ControllerChannel } from "../peers/controller-channel.ts";
import type { AllocateBlock } from "./producer-id-pool.ts";

const allocateProducerIdsKey = 67;

/** What asking needs of a broker. */
export interface BlockSource {
  readonly config: BrokerConfig;
  readonly metadata: MetadataCache;
  readonly controllerChannel: ControllerChannel;
}

/** An allocation through the broker's way to the controller; `source` is asked for when a block is. */
export function allocateThrough(source: () => BlockSource): AllocateBlock {
  return (done) => {
    const { config, metadata, controllerChannel } = source();
    const brokerEpoch = BigInt(metadata.image.cluster.brokers.get(config.nodeId)?.epoch ?? -1);
    const request = makeAllocateProducerIdsRequest({ brokerId: config.nodeId, brokerEpoch });
    const context = {
      apiKey: allocateProducerIdsKey,
      apiVersion: 0,
      principal: "User:ANONYMOUS",
      clientId: null,
      isAllowed: () => true,
    };
    controllerChannel.submit<AllocateProducerIdsResponse>(context, request, (response) => {
      const start = toProducerId(response.producerIdStart);
      if (response.errorCode !== errors.NONE.code) done(errorForCode(response.errorCode));
      else if (start === null || start < 0 || response.producerIdLen <= 0) done(errors.UNKNOWN_SERVER_ERROR);
      else done({ start, length: response.producerIdLen });
    });
  };
}
