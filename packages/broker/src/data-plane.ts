// Puts the data plane of a broker together, in the order that the phases of a turn need: partitions settle
// before waiting requests are evaluated.
import type { BrokerConfig } from "@ottla/config";
import type { LogManager } from "@ottla/log";
import type { Logger, Ports } from "@ottla/ports";
import type { NodeId } from "@ottla/protocol";
import { FetchSessionCache } from "./fetch-session/fetch-session-cache.ts";
import { PartitionPublisher } from "./partition/partition-publisher.ts";
import { PartitionRegistry } from "./partition/partition-registry.ts";
import { allocateThrough, type BlockSource } from "./producer-ids/allocate-block.ts";
import { ProducerIdPool } from "./producer-ids/producer-id-pool.ts";
import type { TurnEnd } from "./turn-end.ts";
import { WaitingRequests } from "./waiting/waiting-requests.ts";

/** The part of a broker's services that stores and serves records. */
export interface DataPlane {
  readonly partitions: PartitionRegistry;
  readonly waiting: WaitingRequests;
  readonly fetchSessions: FetchSessionCache;
  readonly producerIds: ProducerIdPool;
  /** To be told of every image. */
  readonly partitionPublisher: PartitionPublisher;
}

/** What it is made of; `blockSource` is not called before the first producer asks for an id. */
export interface DataPlaneOptions {
  readonly config: BrokerConfig;
  readonly ports: Ports;
  readonly logs: LogManager;
  readonly turnEnd: TurnEnd;
  readonly logger: Logger;
  readonly blockSource: () => BlockSource;
}

export function openDataPlane(options: DataPlaneOptions): DataPlane {
  const { config, logs, turnEnd, logger } = options;
  const { clock, timers, random } = options.ports;
  turnEnd.onPhase("logs", () => logs.flushDirty());
  const partitions = new PartitionRegistry({ nodeId: config.nodeId as NodeId, clock, turnEnd });
  const waiting = new WaitingRequests({ clock, timers, turnEnd });
  const slots = config.maxIncrementalFetchSessionCacheSlots;
  return {
    partitions,
    waiting,
    fetchSessions: new FetchSessionCache({ clock, random, slots }),
    producerIds: new ProducerIdPool(allocateThrough(options.blockSource)),
    partitionPublisher: new PartitionPublisher({ config, partitions, logs, logger }),
  };
}
