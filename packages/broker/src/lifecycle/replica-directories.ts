// Tells the controller in which log directories this broker's replicas lie (KIP-858), where the metadata says
// otherwise: those it chose a directory for, and those that moved. Invariant: one request is put together or
// under way at a time; what it did not settle is told again after a while. Not here: what the
// controller makes of it.
import type { LogManager, PartitionLog } from "@ottla/log";
import type { MetadataDelta, MetadataImage, MetadataPublisher } from "@ottla/metadata";
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  apiKeys,
  makeAssignReplicasToDirsRequest,
  type NodeId,
  type Uuid,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { lifecycleLimits } from "../limits.ts";

/** A replica whose directory is to be told. */
interface Untold {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: number;
}

/** What the teller needs of a broker. */
export type ReplicaDirectoriesBroker = Pick<
  BrokerServices,
  "nodeId" | "metadata" | "peers" | "ports" | "slices"
> & {
  readonly logs: Pick<LogManager, "log" | "directoryAt" | "directories">;
};

/** The directories of one broker's replicas. */
export class ReplicaDirectories implements MetadataPublisher {
  readonly name = "replica directories";
  readonly #broker: ReplicaDirectoriesBroker;
  /** -1 before the broker is registered. */
  readonly #epoch: () => number;
  readonly #untold = new Map<string, Untold>();
  #isAsking = false;
  #isWaiting = false;

  constructor(broker: ReplicaDirectoriesBroker, epoch: () => number) {
    this.#broker = broker;
    this.#epoch = epoch;
  }

  *onMetadataUpdate(delta: MetadataDelta, image: MetadataImage): Pieces<void> {
    let items = 0;
    for (const { id: topicId, partitionChanges } of delta.topics.changed.values()) {
      const topic = image.topics.byId(topicId)?.name;
      if (topic === undefined) continue;
      for (const index of partitionChanges.keys()) {
        this.#untold.set(`${topicId}/${index}`, { topic, topicId, index });
        if (endsPiece(++items)) yield;
      }
    }
    this.tell();
  }

  /** The log lies in another directory than before. */
  moved({ topic, topicId, partition: index }: PartitionLog): void {
    this.#untold.set(`${topicId}/${index}`, { topic, topicId, index });
    this.tell();
  }

  /** Tells what is untold, as much as one request takes. */
  tell(): void {
    const { metadata, slices } = this.#broker;
    if (this.#isAsking || this.#isWaiting || this.#epoch() < 0 || this.#untold.size === 0) return;
    if (!metadata.image.features.metadataVersion.isDirectoryAssignmentSupported) {
      this.#untold.clear();
      return;
    }
    this.#isAsking = true;
    slices.run("replica directories", this.#take(), {
      done: (directories) => {
        if (directories.length > 0) {
          this.#ask(directories);
          return;
        }
        this.#isAsking = false;
        this.tell();
      },
    });
  }

  #ask(directories: AssignReplicasToDirsRequest.DirectoryData[]): void {
    const { nodeId, peers } = this.#broker;
    const request = makeAssignReplicasToDirsRequest({
      brokerId: nodeId,
      brokerEpoch: BigInt(this.#epoch()),
      directories,
    });
    peers.send<AssignReplicasToDirsResponse>(nodeId, apiKeys.AssignReplicasToDirs, request, (result) => {
      this.#isAsking = false;
      const isSettled = result.kind === "response" && result.response.errorCode === 0;
      if (isSettled) this.tell();
      else this.#againLater(request);
    });
  }

  /** Those whose directory the metadata does not have; the others are forgotten. */
  *#take(): Pieces<AssignReplicasToDirsRequest.DirectoryData[]> {
    const byDirectory = new Map<Uuid, Map<Uuid, { partitionIndex: number }[]>>();
    let taken = 0;
    let seen = 0;
    // What comes meanwhile is for the next request: a replica is told of once in each.
    const { size } = this.#untold;
    for (const [key, { topic, topicId, index }] of this.#untold) {
      if (taken >= lifecycleLimits.assignmentsPerRequestMax || seen === size) break;
      if (endsPiece(++seen)) yield;
      this.#untold.delete(key);
      const directory = this.#directoryOf(topic, topicId, index);
      if (directory === null) continue;
      const byTopic = byDirectory.get(directory) ?? new Map<Uuid, { partitionIndex: number }[]>();
      byDirectory.set(directory, byTopic);
      const partitions = byTopic.get(topicId) ?? [];
      byTopic.set(topicId, partitions);
      partitions.push({ partitionIndex: index });
      taken += 1;
    }
    return [...byDirectory].map(([id, byTopic]) => ({
      id,
      topics: [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions })),
    }));
  }

  /** Null: the metadata has it, or there is nothing to tell. */
  #directoryOf(topic: string, topicId: Uuid, index: number): Uuid | null {
    const { logs, metadata, nodeId } = this.#broker;
    const log = logs.log(topic, index);
    const state = metadata.image.topics.partition(topicId, index);
    if (log === null || log.topicId !== topicId || state === null) return null;
    const directory = logs.directoryAt(log.directory)?.id ?? null;
    const at = state.replicas.indexOf(nodeId as NodeId);
    return at < 0 || state.directories[at] === directory ? null : directory;
  }

  #againLater({ directories }: AssignReplicasToDirsRequest): void {
    const { image } = this.#broker.metadata;
    for (const { topicId, partitions } of directories.flatMap(({ topics }) => topics)) {
      const topic = image.topics.byId(topicId)?.name;
      if (topic === undefined) continue;
      for (const { partitionIndex: index } of partitions) {
        this.#untold.set(`${topicId}/${index}`, { topic, topicId, index });
      }
    }
    this.#isWaiting = true;
    this.#broker.ports.timers.set(lifecycleLimits.retryMs, () => {
      this.#isWaiting = false;
      this.tell();
    });
  }
}
