// How a record's key and value are shown.

/** What a decoder gets. */
export interface DecoderInput {
  readonly offset: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Texts behind `key:` and `payload:`; null leaves the part out. */
export interface DecodedRecord {
  readonly key: string | null;
  readonly value: string | null;
}

/** Throws `JavaFailure` where Kafka's decoder ends the tool. */
export type RecordDecoder = (record: DecoderInput) => DecodedRecord;
