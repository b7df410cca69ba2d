// Registered brokers and controllers as committed. Immutable. Not here: sessions and heartbeats, which are
// soft state of the controller, and what a broker holds (topics-image.ts).
import type { BrokerEpoch, NodeId, Uuid } from "@ottla/protocol";
import { MetadataError } from "../metadata-error.ts";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";
import type { SnapshotVersions } from "./snapshot-versions.ts";

export interface RegisteredEndpoint {
  /** Listener name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Kafka's SecurityProtocol id: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

/** Levels of a feature that a node supports, both ends included. */
export interface SupportedFeature {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface BrokerRegistration {
  readonly id: NodeId;
  /** Offset of the record that began this incarnation. */
  readonly epoch: BrokerEpoch;
  readonly incarnationId: Uuid;
  readonly endpoints: readonly RegisteredEndpoint[];
  readonly features: readonly SupportedFeature[];
  readonly rack: string | null;
  /** True: gets no leaders and is not listed to clients. */
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  readonly isMigratingZkBroker: boolean;
  /** Ids of the log directories that are online. */
  readonly directories: readonly Uuid[];
  /** Directories that take no new replicas (KIP-1066). */
  readonly cordonedDirectories: readonly Uuid[];
}

export interface ControllerRegistration {
  readonly id: NodeId;
  readonly incarnationId: Uuid;
  readonly zkMigrationReady: boolean;
  readonly endpoints: readonly RegisteredEndpoint[];
  readonly features: readonly SupportedFeature[];
}

type RecordOf<Name extends MetadataRecord["name"]> = Extract<MetadataRecord, { name: Name }>["data"];

/** All nodes. */
export class ClusterImage {
  static readonly empty: ClusterImage = new ClusterImage(PersistentMap.empty(), PersistentMap.empty());

  readonly #brokers: PersistentMap<number, BrokerRegistration>;
  readonly #controllers: PersistentMap<number, ControllerRegistration>;

  constructor(
    brokers: PersistentMap<number, BrokerRegistration>,
    controllers: PersistentMap<number, ControllerRegistration>,
  ) {
    this.#brokers = brokers;
    this.#controllers = controllers;
  }

  /** By broker id. */
  get brokers(): ReadonlyMap<number, BrokerRegistration> {
    return this.#brokers;
  }

  /** By controller id. */
  get controllers(): ReadonlyMap<number, ControllerRegistration> {
    return this.#controllers;
  }

  /** True when the broker may lead: registered, not fenced, not on its way out. */
  isActive(id: number): boolean {
    const broker = this.#brokers.get(id);
    return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
  }

  registerBroker(record: RecordOf<"RegisterBrokerRecord">): ClusterImage {
    return this.#withBroker({
      id: record.brokerId as NodeId,
      epoch: Number(record.brokerEpoch) as BrokerEpoch,
      incarnationId: record.incarnationId,
      endpoints: record.endPoints.map(toEndpoint),
      features: sortedByName(record.features),
      rack: record.rack,
      fenced: record.fenced,
      inControlledShutdown: record.inControlledShutdown,
      isMigratingZkBroker: record.isMigratingZkBroker,
      directories: record.logDirs,
      cordonedDirectories: record.cordonedLogDirs ?? [],
    });
  }

  unregisterBroker(record: RecordOf<"UnregisterBrokerRecord">): ClusterImage {
    this.#broker("UnregisterBrokerRecord", record.brokerId, record.brokerEpoch);
    return new ClusterImage(this.#brokers.without(record.brokerId), this.#controllers);
  }

  changeBroker(record: RecordOf<"BrokerRegistrationChangeRecord">): ClusterImage {
    const broker = this.#broker("BrokerRegistrationChangeRecord", record.brokerId, record.brokerEpoch);
    return this.#withBroker({
      ...broker,
      fenced: changedFlag("fenced", record.fenced, broker.fenced),
      inControlledShutdown: changedFlag(
        "inControlledShutdown",
        record.inControlledShutdown,
        broker.inControlledShutdown,
      ),
      // An empty list says nothing: a broker without any online directory would have left.
      directories: record.logDirs.length > 0 ? record.logDirs : broker.directories,
      cordonedDirectories: record.cordonedLogDirs ?? broker.cordonedDirectories,
    });
  }

  /** FenceBrokerRecord and UnfenceBrokerRecord, as releases before 3.3 wrote them. */
  setFenced(name: string, id: number, epoch: bigint, fenced: boolean): ClusterImage {
    return this.#withBroker({ ...this.#broker(name, id, epoch), fenced });
  }

  registerController(record: RecordOf<"RegisterControllerRecord">): ClusterImage {
    const controller: ControllerRegistration = {
      id: record.controllerId as NodeId,
      incarnationId: record.incarnationId,
      zkMigrationReady: record.zkMigrationReady,
      endpoints: record.endPoints.map(toEndpoint),
      features: sortedByName(record.features),
    };
    return new ClusterImage(this.#brokers, this.#controllers.with(controller.id, controller));
  }

  unregisterController(id: number): ClusterImage {
    return new ClusterImage(this.#brokers, this.#controllers.without(id));
  }

  /** Records that make this cluster from nothing. */
  *records(versions: SnapshotVersions): Iterable<MetadataRecord> {
    for (const broker of this.#brokers.values()) {
      yield registerBrokerRecord(broker, versions.registerBrokerRecordVersion);
    }
    for (const controller of this.#controllers.values()) yield registerControllerRecord(controller);
  }

  #withBroker(broker: BrokerRegistration): ClusterImage {
    return new ClusterImage(this.#brokers.with(broker.id, broker), this.#controllers);
  }

  #broker(name: string, id: number, epoch: bigint): BrokerRegistration {
    const broker = this.#brokers.get(id);
    if (broker === undefined) throw new MetadataError(`${name}: broker ${id} is not registered`);
    if (BigInt(broker.epoch) !== epoch) {
      throw new MetadataError(`${name}: broker ${id} has epoch ${broker.epoch}, the record has ${epoch}`);
    }
    return broker;
  }
}

/** The record that registers a broker in this state; what `version` cannot tell is left out. */
export function registerBrokerRecord(broker: BrokerRegistration, version: number): MetadataRecord {
  return metadataRecord("RegisterBrokerRecord", version, {
    brokerId: broker.id,
    isMigratingZkBroker: version >= 2 && broker.isMigratingZkBroker,
    incarnationId: broker.incarnationId,
    brokerEpoch: BigInt(broker.epoch),
    endPoints: broker.endpoints.map((endpoint) => ({ ...endpoint })),
    features: broker.features.map((feature) => ({ ...feature })),
    rack: broker.rack,
    fenced: broker.fenced,
    inControlledShutdown: broker.inControlledShutdown,
    logDirs: version >= 3 ? [...broker.directories] : [],
    cordonedLogDirs: version >= 4 ? [...broker.cordonedDirectories] : null,
  });
}

export function registerControllerRecord(controller: ControllerRegistration): MetadataRecord {
  return metadataRecord("RegisterControllerRecord", 0, {
    controllerId: controller.id,
    incarnationId: controller.incarnationId,
    zkMigrationReady: controller.zkMigrationReady,
    endPoints: controller.endpoints.map((endpoint) => ({ ...endpoint })),
    features: controller.features.map((feature) => ({ ...feature })),
  });
}

function toEndpoint(endpoint: RegisteredEndpoint): RegisteredEndpoint {
  const { name, host, port, securityProtocol } = endpoint;
  return { name, host, port, securityProtocol };
}

// By name: Kafka writes them in the order of a hash map, which says nothing.
function sortedByName(features: readonly SupportedFeature[]): readonly SupportedFeature[] {
  return features
    .map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
      name,
      minSupportedVersion,
      maxSupportedVersion,
    }))
    .sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

/** 1 sets, -1 clears, 0 keeps. */
function changedFlag(field: string, change: number, current: boolean): boolean {
  if (change === 0) return current;
  if (change === 1) return true;
  if (change === -1) return false;
  throw new MetadataError(`BrokerRegistrationChangeRecord: ${field} is ${change}, not -1, 0 or 1`);
}
