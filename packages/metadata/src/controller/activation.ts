// What a controller writes before it decides anything: the end of a transaction its predecessor left open,
// the records a new cluster starts with, and who it is itself.

import { ELR_VERSION_FEATURE, METADATA_VERSION_FEATURE } from "../features/feature.ts";
import { metadataVersionFacts } from "../features/metadata-version.ts";
import { type ControllerRegistration, registerControllerRecord } from "../image/cluster-image.ts";
import { configResourceTypes } from "../image/configs-image.ts";
import type { MetadataImage } from "../image/metadata-image.ts";
import { MetadataError } from "../metadata-error.ts";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";

export interface ActivationInput {
  readonly image: MetadataImage;
  /** The name of the transaction that is open at the tail; undefined when none is. */
  readonly openTransaction: string | null | undefined;
  /** What `bootstrap.checkpoint` holds. */
  readonly bootstrapRecords: readonly MetadataRecord[];
  /** This process's `min.insync.replicas`. */
  readonly minInsyncReplicas: string;
  readonly registration: ControllerRegistration;
}

/** @throws MetadataError when a new cluster has no bootstrap records */
export function activationRecords(input: ActivationInput): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  if (input.openTransaction !== undefined) {
    const reason = "Controller failover";
    records.push(metadataRecord("AbortTransactionRecord", 0, { reason }));
  }
  let level = input.image.features.metadataVersionLevel;
  if (level === 0) {
    records.push(...bootstrap(input));
    level = featureLevel(input.bootstrapRecords, METADATA_VERSION_FEATURE);
  }
  if (metadataVersionFacts(level).registerControllerRecordVersion !== null) {
    records.push(registerControllerRecord(input.registration));
  }
  return records;
}

function bootstrap({ bootstrapRecords, minInsyncReplicas }: ActivationInput): MetadataRecord[] {
  const level = featureLevel(bootstrapRecords, METADATA_VERSION_FEATURE);
  if (level === 0) {
    throw new MetadataError("the metadata log is empty and bootstrap.checkpoint names no metadata.version");
  }
  const records = [...bootstrapRecords];
  if (featureLevel(bootstrapRecords, ELR_VERSION_FEATURE) > 0) {
    // Eligibility is judged by the cluster's minimum, which must then be the same for all (KIP-966).
    const resourceType = configResourceTypes.BROKER;
    const config = { resourceType, resourceName: "", name: "min.insync.replicas", value: minInsyncReplicas };
    records.push(metadataRecord("ConfigRecord", 0, config));
  }
  if (!metadataVersionFacts(level).isMetadataTransactionSupported) return records;
  return [
    metadataRecord("BeginTransactionRecord", 0, { name: "Bootstrap records" }),
    ...records,
    metadataRecord("EndTransactionRecord", 0, {}),
  ];
}

function featureLevel(records: readonly MetadataRecord[], feature: string): number {
  for (const record of records) {
    if (record.name === "FeatureLevelRecord" && record.data.name === feature) return record.data.featureLevel;
  }
  return 0;
}
