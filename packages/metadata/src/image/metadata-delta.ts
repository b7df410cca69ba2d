// What a run of committed records changed: replayed one by one, then turned into the next image. The only
// place where a metadata record has a meaning; controller and brokers both come here. Invariant: a record
// that is unknown or does not fit throws MetadataError, and the delta is then useless. Not here: transactions
// (metadata-loader.ts), who is told.
import { type Pieces, runWhole } from "@ottla/ports";
import { type Offset, toProducerId } from "@ottla/protocol";
import { MetadataError } from "../metadata-error.ts";
import type { MetadataRecord } from "../records/metadata-record.ts";
import type { AclsImage } from "./acls-image.ts";
import type { ClientQuotasImage } from "./client-quotas-image.ts";
import type { ClusterImage } from "./cluster-image.ts";
import {
  type ConfigResource,
  type ConfigsImage,
  configResourceKey,
  configResourceTypes,
} from "./configs-image.ts";
import type { DelegationTokensImage } from "./delegation-tokens-image.ts";
import type { FeaturesImage } from "./features-image.ts";
import { emptyMetadataImage, type MetadataImage } from "./metadata-image.ts";
import { ProducerIdsImage } from "./producer-ids-image.ts";
import type { ScramImage } from "./scram-image.ts";
import { TopicsDelta } from "./topics-delta.ts";

/** Where an image stands in the log. */
export interface ImagePosition {
  readonly offset: Offset;
  readonly epoch: number;
  readonly timestampMs: number;
}

/** Changes since `previous`. Publishers read it; only who made it calls `replay` and `apply`. */
export class MetadataDelta {
  readonly previous: MetadataImage;
  readonly topics: TopicsDelta;
  readonly #changedConfigs = new Map<string, ConfigResource>();
  readonly #changedBrokers = new Set<number>();
  #features: FeaturesImage;
  #cluster: ClusterImage;
  #configs: ConfigsImage;
  #producerIds: ProducerIdsImage;
  #clientQuotas: ClientQuotasImage;
  #acls: AclsImage;
  #scram: ScramImage;
  #delegationTokens: DelegationTokensImage;

  constructor(previous: MetadataImage) {
    this.previous = previous;
    this.topics = new TopicsDelta(previous.topics);
    this.#features = previous.features;
    this.#cluster = previous.cluster;
    this.#configs = previous.configs;
    this.#producerIds = previous.producerIds;
    this.#clientQuotas = previous.clientQuotas;
    this.#acls = previous.acls;
    this.#scram = previous.scram;
    this.#delegationTokens = previous.delegationTokens;
  }

  /** A delta that starts over, for a snapshot: what `base` holds and the records do not is gone. */
  static fromNothing(): MetadataDelta {
    return new MetadataDelta(emptyMetadataImage);
  }

  /** Resources whose settings were written, by `configResourceKey`. */
  get changedConfigs(): ReadonlyMap<string, ConfigResource> {
    return this.#changedConfigs;
  }

  /** Ids of brokers that were registered, changed or removed. */
  get changedBrokers(): ReadonlySet<number> {
    return this.#changedBrokers;
  }

  get featuresChanged(): boolean {
    return this.#features !== this.previous.features;
  }

  get clientQuotasChanged(): boolean {
    return this.#clientQuotas !== this.previous.clientQuotas;
  }

  get aclsChanged(): boolean {
    return this.#acls !== this.previous.acls;
  }

  get scramChanged(): boolean {
    return this.#scram !== this.previous.scram;
  }

  get delegationTokensChanged(): boolean {
    return this.#delegationTokens !== this.previous.delegationTokens;
  }

  /** @throws MetadataError when the record does not fit what came before. */
  replay(record: MetadataRecord): void {
    switch (record.name) {
      case "TopicRecord":
        return this.topics.createTopic(record.data);
      case "PartitionRecord":
        return this.topics.setPartition(record.data);
      case "PartitionChangeRecord":
        return this.topics.changePartition(record.data);
      case "ClearElrRecord":
        return this.topics.clearElr(record.data);
      case "RemoveTopicRecord":
        return this.#removeTopic(record);
      case "ConfigRecord":
        return this.#setConfig(record.data);
      case "FeatureLevelRecord":
        this.#features = this.#features.with(record.data.name, record.data.featureLevel);
        return;
      case "ProducerIdsRecord":
        return this.#setProducerIds(record.data.nextProducerId);
      case "ClientQuotaRecord": {
        const { entity, key, value, remove } = record.data;
        this.#clientQuotas = this.#clientQuotas.with(entity, key, remove ? null : value);
        return;
      }
      case "AccessControlEntryRecord":
        this.#acls = this.#acls.with(record.data);
        return;
      case "RemoveAccessControlEntryRecord":
        this.#acls = this.#acls.without(record.data.id);
        return;
      case "UserScramCredentialRecord":
        this.#scram = this.#scram.with(record.data);
        return;
      case "RemoveUserScramCredentialRecord":
        this.#scram = this.#scram.without(record.data.name, record.data.mechanism);
        return;
      case "DelegationTokenRecord":
        this.#delegationTokens = this.#delegationTokens.with(record.data);
        return;
      case "RemoveDelegationTokenRecord":
        this.#delegationTokens = this.#delegationTokens.without(record.data.tokenId);
        return;
      case "NoOpRecord":
      case "ZkMigrationStateRecord":
        // The migration from ZooKeeper ended with 3.9; the record remains in logs that began before.
        return;
      case "BeginTransactionRecord":
      case "EndTransactionRecord":
      case "AbortTransactionRecord":
        throw new MetadataError(`${record.name} belongs to the loader of the log`);
      default:
        return this.#replayCluster(record);
    }
  }

  /** The image after all records replayed. */
  apply(position: ImagePosition): MetadataImage {
    return runWhole(this.applyInPieces(position));
  }

  /** The same in pieces; nothing is replayed meanwhile. */
  *applyInPieces(position: ImagePosition): Pieces<MetadataImage> {
    const topics = yield* this.topics.applyInPieces();
    return {
      ...position,
      features: this.#features,
      cluster: this.#cluster,
      topics,
      configs: this.#configs,
      producerIds: this.#producerIds,
      clientQuotas: this.#clientQuotas,
      acls: this.#acls,
      scram: this.#scram,
      delegationTokens: this.#delegationTokens,
    };
  }

  #replayCluster(record: ClusterRecord): void {
    const cluster = this.#cluster;
    switch (record.name) {
      case "RegisterBrokerRecord":
        this.#setCluster(cluster.registerBroker(record.data), record.data.brokerId);
        return;
      case "UnregisterBrokerRecord":
        this.#setCluster(cluster.unregisterBroker(record.data), record.data.brokerId);
        return;
      case "BrokerRegistrationChangeRecord":
        this.#setCluster(cluster.changeBroker(record.data), record.data.brokerId);
        return;
      case "FenceBrokerRecord":
      case "UnfenceBrokerRecord": {
        const { id, epoch } = record.data;
        this.#setCluster(cluster.setFenced(record.name, id, epoch, record.name === "FenceBrokerRecord"), id);
        return;
      }
      case "RegisterControllerRecord":
        this.#cluster = cluster.registerController(record.data);
        return;
      case "UnregisterControllerRecord":
        this.#cluster = cluster.unregisterController(record.data.controllerId);
        return;
    }
  }

  #setCluster(cluster: ClusterImage, changedBroker: number): void {
    this.#cluster = cluster;
    this.#changedBrokers.add(changedBroker);
  }

  #removeTopic(record: Extract<MetadataRecord, { name: "RemoveTopicRecord" }>): void {
    const name = this.topics.removeTopic(record.data);
    // A topic takes its settings with it: one of the same name starts afresh.
    if (this.#configs.of(configResourceTypes.TOPIC, name).size === 0) return;
    this.#configs = this.#configs.withoutResource(configResourceTypes.TOPIC, name);
    this.#noteConfig(configResourceTypes.TOPIC, name);
  }

  #setConfig(data: Extract<MetadataRecord, { name: "ConfigRecord" }>["data"]): void {
    this.#configs = this.#configs.with(data.resourceType, data.resourceName, data.name, data.value);
    this.#noteConfig(data.resourceType, data.resourceName);
  }

  #noteConfig(type: number, name: string): void {
    this.#changedConfigs.set(configResourceKey(type, name), { type, name });
  }

  #setProducerIds(next: bigint): void {
    const nextProducerId = toProducerId(next);
    if (nextProducerId === null || nextProducerId < 0) {
      throw new MetadataError(`ProducerIdsRecord: ${next} is out of range`);
    }
    this.#producerIds = new ProducerIdsImage(nextProducerId);
  }
}

type ClusterRecord = Extract<
  MetadataRecord,
  {
    name:
      | "RegisterBrokerRecord"
      | "UnregisterBrokerRecord"
      | "BrokerRegistrationChangeRecord"
      | "FenceBrokerRecord"
      | "UnfenceBrokerRecord"
      | "RegisterControllerRecord"
      | "UnregisterControllerRecord";
  }
>;
