// Records of the internal topics of coordinators as JSON objects, one behind the other.
import type { ConsumerRecord } from "@ottla/client";
import {
  type ByRecordType,
  type CoordinatorRecordCodec,
  DecodeError,
  groupRecordCodecs,
  int16At,
  Reader,
  recordJson,
  shareRecordCodecs,
  transactionRecordCodecs,
} from "@ottla/protocol";
import { JavaException } from "../../../options/java-exception.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import type { MessageFormatter } from "./message-formatter.ts";

/** Shows records of these types; passes over others and over what has no key. */
class CoordinatorFormatter implements MessageFormatter {
  readonly #codecs: ByRecordType<CoordinatorRecordCodec>;
  readonly #shown: readonly number[];

  constructor(codecs: ByRecordType<CoordinatorRecordCodec>, shown: readonly number[]) {
    this.#codecs = codecs;
    this.#shown = shown;
  }

  write(record: ConsumerRecord, output: OutputBuffer): void {
    const { key, value } = record;
    if (key === null || key.length < 2) return;
    const type = int16At(key, 0);
    const codec = this.#codecs[type];
    if (codec === undefined || !this.#shown.includes(type)) return;
    try {
      const keyMessage = codec.key.decode(new Reader(key.subarray(2)), 0);
      const keyJson = `{"type":${type},"data":${recordJson(codec.key.name, keyMessage, 0)}}`;
      output.text(`{"key":${keyJson},"value":${valueJson(codec, value)}}`);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const message = `Could not read record at offset ${record.offset} due to: ${error.message}`;
      throw new JavaException("java.lang.RuntimeException", message);
    }
  }
}

function valueJson(codec: CoordinatorRecordCodec, value: Uint8Array | null): string {
  if (value === null) return "null";
  if (value.length < 2) throw new DecodeError("the value ends inside its version");
  const version = int16At(value, 0);
  const message = codec.value.decode(new Reader(value.subarray(2)), version);
  return `{"version":${version},"data":${recordJson(codec.value.name, message, version)}}`;
}

/** Committed offsets in `__consumer_offsets`. */
export function offsetsFormatter(): MessageFormatter {
  return new CoordinatorFormatter(groupRecordCodecs, [0, 1]);
}

/** Classic groups in `__consumer_offsets`. */
export function groupMetadataFormatter(): MessageFormatter {
  return new CoordinatorFormatter(groupRecordCodecs, [2]);
}

/** `__transaction_state`. */
export function transactionLogFormatter(): MessageFormatter {
  return new CoordinatorFormatter(transactionRecordCodecs, [0]);
}

/** `__share_group_state`. */
export function shareGroupStateFormatter(): MessageFormatter {
  return new CoordinatorFormatter(shareRecordCodecs, [0, 1]);
}
