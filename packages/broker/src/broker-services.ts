// What handlers may use of the broker that runs them. Filled by `broker.ts`; handlers name only what stands
// here.
import type { BrokerConfig } from "@ottla/config";
import type { GroupCoordinator } from "@ottla/coordinator";
import type { LogManager } from "@ottla/log";
import type { MetadataImage } from "@ottla/metadata";
import type { Loggers, Ports, Slices } from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import type { Authorizer } from "./authorizer/authorizer.ts";
import type { AutomaticCreations } from "./cluster-view/automatic-creations.ts";
import type { Complaints } from "./connection/complaints.ts";
import type { DataPlane } from "./data-plane.ts";
import type { ListenerRole } from "./dispatch/api-entry.ts";
import type { AdvertisedApi } from "./dispatch/api-table.ts";
import type { FetchSessionCache } from "./fetch-session/fetch-session-cache.ts";
import type { DirectorySettings } from "./lifecycle/directory-settings.ts";
import type { BrokerMetrics } from "./metrics/broker-metrics.ts";
import type { PartitionRegistry } from "./partition/partition-registry.ts";
import type { ControllerChannel } from "./peers/controller-channel.ts";
import type { Peers } from "./peers/peers.ts";
import type { ProducerIdPool } from "./producer-ids/producer-id-pool.ts";
import type { TurnEnd } from "./turn-end.ts";
import type { WaitingRequests } from "./waiting/waiting-requests.ts";

/** The newest published cluster metadata. */
export interface MetadataCache {
  readonly image: MetadataImage;
}

/** The services of one broker. */
export interface BrokerServices extends Omit<DataPlane, "partitionPublisher"> {
  readonly nodeId: number;
  readonly clusterId: Uuid;
  readonly config: BrokerConfig;
  readonly ports: Ports;
  readonly slices: Slices;
  readonly loggers: Loggers;
  readonly metadata: MetadataCache;
  readonly logs: LogManager;
  readonly directorySettings: DirectorySettings;
  readonly turnEnd: TurnEnd;
  readonly authorizer: Authorizer;
  readonly metrics: BrokerMetrics;
  readonly complaints: Complaints;
  readonly controllerChannel: ControllerChannel;
  readonly peers: Peers;
  readonly partitions: PartitionRegistry;
  readonly waiting: WaitingRequests;
  readonly fetchSessions: FetchSessionCache;
  readonly producerIds: ProducerIdPool;
  readonly automaticCreations: AutomaticCreations;
  readonly groupCoordinator: GroupCoordinator;
  listenerRole(listenerName: string): ListenerRole;
  /** What ApiVersions tells on a listener, by ascending key. */
  servedApis(listenerName: string): readonly AdvertisedApi[];
}
