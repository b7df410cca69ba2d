// The door of package protocol.
export * from "./bytes/crc32c.ts";
export * from "./bytes/decode-error.ts";
export * from "./bytes/empty-bytes.ts";
export * from "./bytes/encode-error.ts";
export * from "./bytes/murmur2.ts";
export * from "./bytes/offset.ts";
export * from "./bytes/reader.ts";
export * from "./bytes/unknown-tag.ts";
export * from "./bytes/utf8.ts";
export * from "./bytes/uuid.ts";
export * from "./bytes/varint.ts";
export * from "./bytes/writer.ts";
export * from "./errors.ts";
export * from "./generated/index.ts";
export * from "./header-versions.ts";
export * from "./limits.ts";
