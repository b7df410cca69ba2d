// Records of the internal topics of coordinators: `__consumer_offsets`, `__transaction_state`,
// `__share_group_state`. Key: int16 type, then the key's fields; value: int16 version, then the value's.
import {
  type ByRecordType,
  type CoordinatorRecordCodec,
  DecodeError,
  findMessageCodec,
  groupRecordCodecs,
  int16At,
  type JsonOverride,
  type MessageCodec,
  Reader,
  recordJson,
  shareRecordCodecs,
  transactionRecordCodecs,
} from "@ottla/protocol";
import { JavaFailure } from "../java-failure.ts";
import type { RecordDecoder } from "./record-decoder.ts";

const GROUP_METADATA = 2;

/** Records of `__consumer_offsets`. */
export const offsetsDecoder: RecordDecoder = coordinatorDecoder(groupRecordCodecs);
/** Records of `__transaction_state`. */
export const transactionLogDecoder: RecordDecoder = coordinatorDecoder(transactionRecordCodecs);
/** Records of `__share_group_state`. */
export const shareGroupStateDecoder: RecordDecoder = coordinatorDecoder(shareRecordCodecs);

function coordinatorDecoder(codecs: ByRecordType<CoordinatorRecordCodec>): RecordDecoder {
  return ({ offset, key, value }) => {
    if (key === null) {
      throw new JavaFailure(
        "java.lang.RuntimeException",
        `Failed to decode message at offset ${offset} using the specified decoder (message had a missing key)`,
      );
    }
    const skipping = (reason: string) => ({
      key: `Error at offset ${offset}, skipping. ${reason}`,
      value: null,
    });
    if (key.length < 2) return skipping("Could not read version from key's buffer.");
    const type = int16At(key, 0);
    const codec = codecs[type];
    if (codec === undefined) {
      return { key: `Unknown record type ${type} at offset ${offset}, skipping.`, value: null };
    }
    try {
      const keyMessage = read(codec.key, key, 0, type, "key");
      const keyText = `{"type":"${type}","data":${recordJson(codec.key.name, keyMessage, 0)}}`;
      if (value === null) return { key: keyText, value: "<DELETE>" };
      if (value.length < 2) return skipping("Could not read version from value's buffer.");
      const version = int16At(value, 0);
      if (version > codec.value.maxVersion && codecs === transactionRecordCodecs) {
        return skipping(`Found an unknown record version ${version} for ${type} type`);
      }
      const message = read(codec.value, value, version, version, "value");
      const isConsumerGroup =
        type === GROUP_METADATA && (message as { protocolType?: string }).protocolType === "consumer";
      const override = isConsumerGroup ? embedded : undefined;
      const data = recordJson(codec.value.name, message, version, override);
      return { key: keyText, value: `{"version":"${version}","data":${data}}` };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return skipping(error.message);
    }
  };
}

/** The message in a key or a value, behind its first two bytes. */
function read(
  codec: MessageCodec<unknown>,
  bytes: Uint8Array,
  version: number,
  prefix: number,
  part: string,
): unknown {
  try {
    return codec.decode(new Reader(bytes.subarray(2)), version);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(
      `Could not read record with version ${prefix} from ${part}'s buffer due to: ${error.message}.`,
    );
  }
}

/** What a member of a consumer group subscribed and was assigned, in the messages that they are. */
const embedded: JsonOverride = (name, value) => {
  if (!(value instanceof Uint8Array) || value.length < 2) return null;
  if (name === "subscription") return embeddedJson("ConsumerProtocolSubscription", value);
  if (name === "assignment") return embeddedJson("ConsumerProtocolAssignment", value);
  return null;
};

function embeddedJson(schema: string, bytes: Uint8Array): string | null {
  const codec = findMessageCodec(schema);
  if (codec === undefined) return null;
  const version = int16At(bytes, 0);
  try {
    return recordJson(schema, codec.decode(new Reader(bytes.subarray(2)), version), version);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
