// The leader of a partition for a client that asked the wrong broker (KIP-951), and the address of each
// leader that was named.
import type { BrokerServices } from "../broker-services.ts";
import { type BrokerNode, nodeOf } from "../cluster-view/nodes.ts";

/** -1 for both when the partition is unknown. */
export interface CurrentLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** Gathers the leaders that one response names. */
export class NamedLeaders {
  readonly #broker: BrokerServices;
  readonly #listenerName: string;
  readonly #nodes = new Map<number, BrokerNode>();

  constructor(broker: BrokerServices, listenerName: string) {
    this.#broker = broker;
    this.#listenerName = listenerName;
  }

  /** Addresses of the leaders named so far that the client can reach. */
  get nodes(): Iterable<BrokerNode> {
    return this.#nodes.values();
  }

  /** The leader as this broker's replica knows it, else as the metadata do. */
  name(topic: string, index: number): CurrentLeader {
    const partition = this.#broker.partitions.find(topic, index);
    const { image } = this.#broker.metadata;
    const state = image.topics.byName(topic)?.partitions[index];
    const leaderId = partition?.leader ?? state?.leader ?? -1;
    const leaderEpoch = partition?.leaderEpoch ?? state?.leaderEpoch ?? -1;
    const registration = image.cluster.brokers.get(leaderId);
    if (registration !== undefined && !registration.fenced) {
      const node = nodeOf(registration, this.#listenerName);
      if (node !== null) this.#nodes.set(leaderId, node);
    }
    return { leaderId, leaderEpoch };
  }
}
