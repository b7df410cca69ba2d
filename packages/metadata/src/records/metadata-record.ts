// A metadata record with its version, and its frame in the log: uvarint frame version, uvarint type, uvarint
// version, body. Invariant: decode(encode(record)) is the record, and an unknown type or version is an error,
// never skipped. Not here: batches (metadata-batch.ts), control records (control-record.ts), what a record
// does (../image/).
import { endsPiece, type Pieces } from "@ottla/ports";
import { DecodeError, type MessageTypes, messageCodecs, Reader, Writer } from "@ottla/protocol";
import { FRAME_BYTES_FIRST, FRAMES_CHUNK_BYTES } from "../limits.ts";
import { MetadataError } from "../metadata-error.ts";

/** Types of the records in `__cluster_metadata`, by number; 6, 13 and 16 are nobody's. */
const typeNames = {
  0: "RegisterBrokerRecord",
  1: "UnregisterBrokerRecord",
  2: "TopicRecord",
  3: "PartitionRecord",
  4: "ConfigRecord",
  5: "PartitionChangeRecord",
  7: "FenceBrokerRecord",
  8: "UnfenceBrokerRecord",
  9: "RemoveTopicRecord",
  10: "DelegationTokenRecord",
  11: "UserScramCredentialRecord",
  12: "FeatureLevelRecord",
  14: "ClientQuotaRecord",
  15: "ProducerIdsRecord",
  17: "BrokerRegistrationChangeRecord",
  18: "AccessControlEntryRecord",
  19: "RemoveAccessControlEntryRecord",
  20: "NoOpRecord",
  21: "ZkMigrationStateRecord",
  22: "RemoveUserScramCredentialRecord",
  23: "BeginTransactionRecord",
  24: "EndTransactionRecord",
  25: "AbortTransactionRecord",
  26: "RemoveDelegationTokenRecord",
  27: "RegisterControllerRecord",
  28: "ClearElrRecord",
  29: "UnregisterControllerRecord",
} as const;

export type MetadataRecordName = (typeof typeNames)[keyof typeof typeNames];

/** One record: its type by name, its version, its fields. */
export type MetadataRecord = {
  readonly [Name in MetadataRecordName]: {
    readonly name: Name;
    readonly version: number;
    readonly data: Readonly<MessageTypes[Name]>;
  };
}[MetadataRecordName];

const typeNumbers: ReadonlyMap<MetadataRecordName, number> = new Map(
  Object.entries(typeNames).map(([number, name]) => [name, Number(number)]),
);

const FRAME_VERSION = 1;

/** A record from its fields; fields left out have their defaults. */
export function metadataRecord<Name extends MetadataRecordName>(
  name: Name,
  version: number,
  fields: Partial<MessageTypes[Name]>,
): MetadataRecord {
  const data = messageCodecs[name].make(fields);
  return { name, version, data } as unknown as MetadataRecord;
}

/** The framed bytes of a record. @throws EncodeError when a field does not exist in the version. */
export function encodeMetadataRecord(record: MetadataRecord): Uint8Array {
  return frame(record, new Writer(FRAME_BYTES_FIRST));
}

/** The same of very many, in memory that they share: `chunkBytes` at a time. @throws EncodeError */
export function* encodeMetadataRecords(
  records: Iterable<MetadataRecord>,
  chunkBytes: number = FRAMES_CHUNK_BYTES,
): Pieces<Uint8Array[]> {
  // A writer for each costs more than its record.
  const writer = new Writer(chunkBytes);
  const frames: Uint8Array[] = [];
  for (const record of records) {
    frames.push(frame(record, writer));
    if (endsPiece(frames.length)) yield;
  }
  return frames;
}

function frame(record: MetadataRecord, writer: Writer): Uint8Array {
  writer.uvarint(FRAME_VERSION);
  writer.uvarint(typeNumbers.get(record.name) as number);
  writer.uvarint(record.version);
  const codec = messageCodecs[record.name] as {
    encode(writer: Writer, data: unknown, version: number): void;
  };
  codec.encode(writer, record.data, record.version);
  return writer.toBytes();
}

/**
 * The record in framed bytes; byte fields are copied. @throws MetadataError on anything that is not a known
 * record.
 */
export function decodeMetadataRecord(frame: Uint8Array): MetadataRecord {
  const reader = new Reader(frame.slice());
  try {
    const frameVersion = reader.uvarint();
    if (frameVersion !== FRAME_VERSION)
      throw new MetadataError(`unknown metadata frame version ${frameVersion}`);
    const type = reader.uvarint();
    const version = reader.uvarint();
    const name = (typeNames as Readonly<Record<number, MetadataRecordName>>)[type];
    if (name === undefined) {
      throw new MetadataError(`unknown metadata record type ${type}: written by a newer release`);
    }
    const codec = messageCodecs[name];
    if (version > codec.maxVersion) {
      throw new MetadataError(`${name} version ${version} is not known: written by a newer release`);
    }
    const data = codec.decode(reader, version);
    if (reader.remaining > 0) throw new MetadataError(`${name} has ${reader.remaining} byte(s) too many`);
    return { name, version, data } as unknown as MetadataRecord;
  } catch (error) {
    if (error instanceof DecodeError) throw new MetadataError("damaged metadata record", { cause: error });
    throw error;
  }
}
