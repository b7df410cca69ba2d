// The frame around records of `__cluster_metadata` and `__remote_log_metadata`: uvarint frame version 1,
// uvarint type, uvarint version, body.
import { type ByRecordType, DecodeError, type MessageCodec, Reader } from "@ottla/protocol";

const FRAME_VERSION = 1;

export interface FramedRecord {
  readonly type: number;
  readonly name: string;
  readonly version: number;
  readonly message: unknown;
}

/** The record in `value`. Throws `DecodeError` with Kafka's words. */
export function readFramedRecord(
  value: Uint8Array | null,
  codecs: ByRecordType<MessageCodec<unknown>>,
): FramedRecord {
  const reader = new Reader(value ?? new Uint8Array(0));
  const frame = uvarint(reader, "frame version");
  if (frame === 0) {
    throw new DecodeError(
      "Could not deserialize metadata record with frame version 0. Note that upgrades from the preview release " +
        "of KRaft in 2.8 to newer versions are not supported.",
    );
  }
  if (frame !== FRAME_VERSION) {
    throw new DecodeError(
      `Could not deserialize metadata record due to unknown frame version ${frame}(only frame version 1 is supported)`,
    );
  }
  const type = uvarint(reader, "type");
  const version = uvarint(reader, "version");
  const codec = codecs[type];
  if (codec === undefined) {
    throw new DecodeError(
      `org.apache.kafka.common.errors.UnsupportedVersionException: Unknown metadata id ${type}`,
    );
  }
  try {
    const message = codec.decode(reader, version);
    const left = reader.remaining;
    if (left > 0) throw new DecodeError(`Found ${left} byte(s) of garbage after ${type}`);
    return { type, name: codec.name, version, message };
  } catch (error) {
    if (!(error instanceof DecodeError) || error.message.startsWith("Found ")) throw error;
    throw new DecodeError(`Failed to deserialize record with type ${type}`);
  }
}

function uvarint(reader: Reader, what: string): number {
  try {
    return reader.uvarint();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(`Error while reading ${what}`);
  }
}
