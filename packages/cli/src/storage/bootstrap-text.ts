// The records a new cluster starts with, as `kafka-storage format` prints them.
import { type BootstrapFeatures, bootstrapRecords, type ScramCredential } from "@ottla/metadata";

/** `BootstrapMetadata(records=[…], metadataVersionLevel=…, source=format command)`. */
export function bootstrapText(features: BootstrapFeatures, scram: readonly ScramCredential[]): string {
  const records = bootstrapRecords(features, scram).map(({ name, version, data }) => {
    const fields = Object.entries(data).flatMap(([field, value]) =>
      field === "unknownTaggedFields" ? [] : [`${field}=${fieldText(value)}`],
    );
    return `ApiMessageAndVersion(${name}(${fields.join(", ")}) at version ${version})`;
  });
  const level = features.metadataVersion.level;
  return `BootstrapMetadata(records=[${records.join(", ")}], metadataVersionLevel=${level}, source=format command)`;
}

/** Bytes are signed in Java. */
function fieldText(value: unknown): string {
  if (value instanceof Uint8Array) return `[${Array.from(new Int8Array(value)).join(", ")}]`;
  return typeof value === "string" ? `'${value}'` : String(value);
}
