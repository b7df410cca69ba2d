// The decoders of key and value that are named by class. Kafka loads any class; here are those that it ships.
import { bigInt64At, decodeUtf8, int32At } from "@ottla/protocol";
import { underflow } from "../batch-line.ts";
import { JavaFailure } from "../java-failure.ts";
import type { RecordDecoder } from "./record-decoder.ts";

type Show = (bytes: Uint8Array) => string;

const PACKAGE = "org.apache.kafka.tools.api.";

export const DEFAULT_DECODER_CLASS: string = `${PACKAGE}StringDecoder`;

/** Shown as an array of the JVM is, whose number there says nothing; here it is the length. */
const showOpaque: Show = (bytes) => `[B@${bytes.length.toString(16)}`;

const decoders: ReadonlyMap<string, Show> = new Map<string, Show>([
  [`${PACKAGE}StringDecoder`, (bytes) => decodeUtf8(bytes, 0, bytes.length)],
  [`${PACKAGE}DefaultDecoder`, showOpaque],
  [`${PACKAGE}IntegerDecoder`, (bytes) => (bytes.length < 4 ? fail() : String(int32At(bytes, 0)))],
  [`${PACKAGE}LongDecoder`, (bytes) => (bytes.length < 8 ? fail() : String(bigInt64At(bytes, 0)))],
]);

/** The decoder for these classes. Throws `JavaFailure` for one that is not known. */
export function classDecoder(keyClass: string, valueClass: string): RecordDecoder {
  const showValue = find(valueClass);
  const showKey = find(keyClass);
  return ({ key, value }) => ({
    key: key === null ? null : showKey(key),
    value: value === null ? null : showValue(value),
  });
}

function find(name: string): Show {
  const show = decoders.get(name);
  if (show !== undefined) return show;
  const cause = `Caused by: java.lang.ClassNotFoundException: ${name}`;
  throw new JavaFailure("java.lang.RuntimeException", `Failed to load decoder class\n${cause}`);
}

function fail(): never {
  throw underflow();
}
