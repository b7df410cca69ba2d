// The whole cluster metadata at one offset. Immutable: brokers and handlers hold it as long as they like, and
// the next one shares whatever did not change. Not here: how records change it (metadata-delta.ts), who is
// told (metadata-loader.ts).
import type { Offset } from "@ottla/protocol";
import type { MetadataRecord } from "../records/metadata-record.ts";
import { AclsImage } from "./acls-image.ts";
import { ClientQuotasImage } from "./client-quotas-image.ts";
import { ClusterImage } from "./cluster-image.ts";
import { ConfigsImage } from "./configs-image.ts";
import { DelegationTokensImage } from "./delegation-tokens-image.ts";
import { FeaturesImage } from "./features-image.ts";
import { ProducerIdsImage } from "./producer-ids-image.ts";
import { ScramImage } from "./scram-image.ts";
import { snapshotVersions } from "./snapshot-versions.ts";
import { TopicsImage } from "./topics-image.ts";

/** Cluster metadata after the record at `offset`. */
export interface MetadataImage {
  /** Offset of the last record in it; -1 before the first. */
  readonly offset: Offset;
  /** Epoch of that record. */
  readonly epoch: number;
  /** Append time of that record, wall milliseconds. */
  readonly timestampMs: number;
  readonly features: FeaturesImage;
  readonly cluster: ClusterImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigsImage;
  readonly producerIds: ProducerIdsImage;
  readonly clientQuotas: ClientQuotasImage;
  readonly acls: AclsImage;
  readonly scram: ScramImage;
  readonly delegationTokens: DelegationTokensImage;
}

/** Before any record. */
export const emptyMetadataImage: MetadataImage = Object.freeze({
  offset: -1 as Offset,
  epoch: 0,
  timestampMs: 0,
  features: FeaturesImage.empty,
  cluster: ClusterImage.empty,
  topics: TopicsImage.empty,
  configs: ConfigsImage.empty,
  producerIds: ProducerIdsImage.empty,
  clientQuotas: ClientQuotasImage.empty,
  acls: AclsImage.empty,
  scram: ScramImage.empty,
  delegationTokens: DelegationTokensImage.empty,
});

/** Records that make an image from nothing, in the order of Kafka's snapshots. */
export function* imageRecords(image: MetadataImage): Iterable<MetadataRecord> {
  const versions = snapshotVersions(image.features.metadataVersionLevel);
  yield* image.features.records();
  yield* image.cluster.records(versions);
  yield* image.topics.records(versions);
  yield* image.configs.records();
  yield* image.clientQuotas.records();
  yield* image.producerIds.records();
  yield* image.acls.records();
  yield* image.scram.records();
  yield* image.delegationTokens.records();
}
