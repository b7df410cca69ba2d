// What is wrong with record bytes, as the protocol's error and a sentence. Thrown by readers that make
// objects; the checks of the produce path return it as data.

/** Names in the error table that damaged or refused records lead to. */
export type RecordsErrorName =
  | "CORRUPT_MESSAGE"
  | "INVALID_RECORD"
  | "MESSAGE_TOO_LARGE"
  | "UNSUPPORTED_COMPRESSION_TYPE"
  /** Apache Kafka's answer to bodies that do not decompress and to unknown codecs. */
  | "UNKNOWN_SERVER_ERROR";

/** A refusal as data. */
export interface RecordsProblem {
  readonly error: RecordsErrorName;
  readonly message: string;
}

/** A refusal as an exception. */
export class RecordsError extends Error implements RecordsProblem {
  override readonly name: string = "RecordsError";
  readonly error: RecordsErrorName;
  /** What a damaged compressed body gave before the damage. */
  readonly decoded: Uint8Array | null;
  constructor(
    error: RecordsErrorName,
    message: string,
    options?: { cause?: unknown; decoded?: Uint8Array | null },
  ) {
    super(message, options);
    this.error = error;
    this.decoded = options?.decoded ?? null;
  }
}
