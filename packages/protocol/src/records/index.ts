// The door of records/ within package protocol.
export * from "./batch-builder.ts";
export * from "./batch-crc.ts";
export * from "./batch-header.ts";
export * from "./batch-walk.ts";
export * from "./compression/compression.ts";
export * from "./compression/open-body.ts";
export * from "./control-records.ts";
export * from "./int64.ts";
export * from "./legacy/legacy-header.ts";
export { type LegacyRecord, legacyCrcMatches, readLegacyRecords } from "./legacy/legacy-message.ts";
export * from "./limits.ts";
export * from "./produce-checks.ts";
export * from "./read-records.ts";
export * from "./record-cursor.ts";
export * from "./records-error.ts";
export * from "./validate-batch-records.ts";
export * from "./walk/piecewise-walk.ts";
export * from "./walk/record-walk.ts";
