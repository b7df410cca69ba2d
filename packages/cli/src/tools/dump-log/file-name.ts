// What the name of a segment's file says.
import { JavaFailure } from "./java-failure.ts";

/** The offset in front of the first dot. Throws `JavaFailure` with Kafka's words when there is none. */
export function startOffsetOf(name: string): bigint {
  const text = name.split(".")[0] ?? "";
  if (/^[+-]?\d+$/.test(text)) {
    const offset = BigInt(text.replace(/^\+/, ""));
    if (BigInt.asIntN(64, offset) === offset) return offset;
  }
  throw new JavaFailure("java.lang.NumberFormatException", `For input string: "${text}"`);
}

/** The path of the same segment's file with another suffix. */
export function siblingOf(path: string, suffix: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return path.slice(0, slash) + (path.slice(slash).split(".")[0] ?? "") + suffix;
}
