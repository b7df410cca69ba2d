// Bytes as Kafka's deserializers show them: the text of the object that each makes.
import { bigInt64At, int16At, int32At, javaDouble } from "@ottla/protocol";
import { illegalArgument, JavaException } from "../../../options/java-exception.ts";

/** Text, or bytes that are one already. Throws `JavaException` for bytes of another kind. */
export type ShowBytes = (bytes: Uint8Array) => string | Uint8Array;

const PACKAGE = "org.apache.kafka.common.serialization.";
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const deserializers: ReadonlyMap<string, ShowBytes> = new Map<string, ShowBytes>([
  ["StringDeserializer", (bytes) => decoder.decode(bytes)],
  ["LongDeserializer", sized("LongDeserializer", 8, (bytes) => String(bigInt64At(bytes, 0)))],
  ["IntegerDeserializer", sized("IntegerDeserializer", 4, (bytes) => String(int32At(bytes, 0)))],
  ["ShortDeserializer", sized("ShortDeserializer", 2, (bytes) => String(int16At(bytes, 0)))],
  ["FloatDeserializer", sized("Deserializer", 4, (bytes) => javaFloat(view(bytes).getFloat32(0)))],
  ["DoubleDeserializer", sized("Deserializer", 8, (bytes) => javaDouble(view(bytes).getFloat64(0)))],
  ["BooleanDeserializer", sized("BooleanDeserializer", 1, showBoolean)],
  ["UUIDDeserializer", showUuid],
  ["BytesDeserializer", showPrintable],
  // Shown as an object of the JVM is; its number there says nothing, here it is the length.
  ["ByteArrayDeserializer", (bytes) => `[B@${bytes.length.toString(16)}`],
  [
    "ByteBufferDeserializer",
    (bytes) => `java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]`,
  ],
  ["VoidDeserializer", refuseValue],
]);

/** The deserializer of this class, or null when there is none. */
export function findDeserializer(name: string): ShowBytes | null {
  return name.startsWith(PACKAGE) ? (deserializers.get(name.slice(PACKAGE.length)) ?? null) : null;
}

function serializationFailure(message: string, cause?: unknown): JavaException {
  const options = cause === undefined ? {} : { cause };
  return new JavaException("org.apache.kafka.common.errors.SerializationException", message, options);
}

function sized(name: string, length: number, show: ShowBytes): ShowBytes {
  return (bytes) => {
    if (bytes.length !== length) {
      throw serializationFailure(`Size of data received by ${name} is not ${length}`);
    }
    return show(bytes);
  };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Float.toString: the shortest digits that give this float back. */
function javaFloat(value: number): string {
  if (!Number.isFinite(value)) return javaDouble(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return javaDouble(short);
  }
  return javaDouble(value);
}

function showBoolean(bytes: Uint8Array): string {
  if (bytes[0] === 0) return "false";
  if (bytes[0] === 1) return "true";
  throw serializationFailure(
    `Unexpected byte received by BooleanDeserializer: ${((bytes[0] ?? 0) << 24) >> 24}`,
  );
}

/** The bytes are the text of a UUID, each group with as many digits as it needs. */
function showUuid(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  const groups = text.split("-");
  const widths = [8, 4, 4, 4, 12];
  if (groups.length === 5 && groups.every((group) => /^[0-9a-fA-F]+$/.test(group)) && text.length <= 36) {
    return groups
      .map((group, at) =>
        group
          .slice(-(widths[at] ?? 0))
          .padStart(widths[at] ?? 0, "0")
          .toLowerCase(),
      )
      .join("-");
  }
  const cause = illegalArgument(`Invalid UUID string: ${text}`);
  throw serializationFailure("Error parsing data into UUID", cause);
}

/** Printable ASCII as it is, every other byte as \xNN. */
function showPrintable(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x5c;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

function refuseValue(): never {
  throw illegalArgument("Data should be null for a VoidDeserializer.");
}
