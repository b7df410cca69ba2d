// The records of `__consumer_offsets` as this package knows them, and their bytes: int16 record type and key,
// int16 version and value. Versions are those that Apache Kafka 4.3.1 writes. Records of consumer, share and
// streams groups are read only as far as to know that the group exists.
import {
  decodeGroupMetadataKey,
  decodeGroupMetadataValue,
  decodeLegacyOffsetCommitKey,
  decodeOffsetCommitKey,
  decodeOffsetCommitValue,
  encodeGroupMetadataKey,
  encodeGroupMetadataValue,
  encodeOffsetCommitKey,
  encodeOffsetCommitValue,
  type GroupMetadataValue,
  type OffsetCommitKey,
  type OffsetCommitValue,
  Reader,
  Writer,
} from "@ottla/protocol";
import type { EncodedRecord, RecordCodec } from "../runtime/coordinator-shard.ts";

/** Kinds of groups whose protocol is not spoken here. */
export type ForeignGroupType = "Consumer" | "Share" | "Streams";

export type GroupRecord =
  | {
      readonly kind: "offset-commit";
      readonly key: Readonly<OffsetCommitKey>;
      readonly value: Readonly<OffsetCommitValue> | null;
    }
  | {
      readonly kind: "group-metadata";
      readonly groupId: string;
      readonly value: Readonly<GroupMetadataValue> | null;
    }
  | {
      readonly kind: "foreign-group";
      readonly type: ForeignGroupType;
      readonly groupId: string;
      /** The whole key, record type included. */
      readonly key: Uint8Array;
      /** The record stands for the group itself: without it there is no group. */
      readonly isGroup: boolean;
      /** False: a tombstone. */
      readonly exists: boolean;
    };

const LEGACY_OFFSET_COMMIT = 0;
const OFFSET_COMMIT = 1;
const GROUP_METADATA = 2;

/** Record types of groups of another kind. */
const FOREIGN_TYPES: readonly { type: ForeignGroupType; group: number; others: readonly number[] }[] = [
  { type: "Consumer", group: 3, others: [4, 5, 6, 7, 8, 16] },
  { type: "Share", group: 11, others: [10, 12, 13, 14, 15] },
  { type: "Streams", group: 17, others: [18, 19, 20, 21, 22, 23] },
];

const KEY_VERSION = 0;
const GROUP_METADATA_VERSION = 3;
const OFFSET_COMMIT_VERSION = 4;
/** The only version with an expiry time of its own. */
const OFFSET_COMMIT_EXPIRING_VERSION = 1;
const WRITER_CHUNK_BYTES = 8192;
const NO_EXPIRY = -1n;

/** A codec; its encoded records share memory that is never written again. */
export function createGroupRecordCodec(): RecordCodec<GroupRecord> {
  const writer = new Writer(WRITER_CHUNK_BYTES);
  return { encode: (record) => encode(writer, record), decode };
}

function encode(writer: Writer, record: GroupRecord): EncodedRecord {
  switch (record.kind) {
    case "offset-commit": {
      writer.int16(OFFSET_COMMIT);
      encodeOffsetCommitKey(writer, record.key, KEY_VERSION);
      const key = writer.toBytes();
      if (record.value === null) return { key, value: null };
      const isExpiring = record.value.expireTimestamp !== NO_EXPIRY;
      const version = isExpiring ? OFFSET_COMMIT_EXPIRING_VERSION : OFFSET_COMMIT_VERSION;
      writer.int16(version);
      encodeOffsetCommitValue(writer, record.value, version);
      return { key, value: writer.toBytes() };
    }
    case "group-metadata": {
      writer.int16(GROUP_METADATA);
      encodeGroupMetadataKey(writer, { group: record.groupId }, KEY_VERSION);
      const key = writer.toBytes();
      if (record.value === null) return { key, value: null };
      writer.int16(GROUP_METADATA_VERSION);
      encodeGroupMetadataValue(writer, record.value, GROUP_METADATA_VERSION);
      return { key, value: writer.toBytes() };
    }
    case "foreign-group":
      if (record.exists) throw new Error(`records of ${record.type} groups are not written here`);
      return { key: record.key, value: null };
  }
}

function decode(keyBytes: Uint8Array, valueBytes: Uint8Array | null): GroupRecord | null {
  const reader = new Reader(keyBytes);
  const recordType = reader.int16();
  switch (recordType) {
    case LEGACY_OFFSET_COMMIT:
    case OFFSET_COMMIT: {
      const key =
        recordType === OFFSET_COMMIT
          ? decodeOffsetCommitKey(reader, KEY_VERSION)
          : decodeLegacyOffsetCommitKey(reader, KEY_VERSION);
      if (valueBytes === null) return { kind: "offset-commit", key, value: null };
      const value = new Reader(valueBytes);
      return { kind: "offset-commit", key, value: decodeOffsetCommitValue(value, value.int16()) };
    }
    case GROUP_METADATA: {
      const { group: groupId } = decodeGroupMetadataKey(reader, KEY_VERSION);
      return { kind: "group-metadata", groupId, value: valueBytes && decodeMetadata(valueBytes) };
    }
  }
  const foreign = FOREIGN_TYPES.find(
    ({ group, others }) => group === recordType || others.includes(recordType),
  );
  if (foreign === undefined) return null;
  const { type, group } = foreign;
  const isGroup = group === recordType;
  // Every key of these begins with the group's id.
  const groupId = reader.string();
  return {
    kind: "foreign-group",
    type,
    groupId,
    key: keyBytes.slice(),
    isGroup,
    exists: valueBytes !== null,
  };
}

/** Byte fields are copied: the group outlives the batch. */
function decodeMetadata(bytes: Uint8Array): GroupMetadataValue {
  const reader = new Reader(bytes);
  const value = decodeGroupMetadataValue(reader, reader.int16());
  for (const member of value.members) {
    member.subscription = member.subscription.slice();
    member.assignment = member.assignment.slice();
  }
  return value;
}
