// Joins the small parts of a gathered write, because each part costs more than copying a few hundred bytes
// does. Large parts (record data) stay views.
import { connectionLimits } from "../limits.ts";

/** The same bytes in fewer parts. */
export function mergeParts(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length === 1) return parts;
  const merged: Uint8Array[] = [];
  let from = 0;
  while (from < parts.length) {
    let to = from;
    let bytes = 0;
    for (let part = parts[to]; part !== undefined && isSmall(part); part = parts[++to]) bytes += part.length;
    if (to - from > 1) {
      merged.push(join(parts, from, to, bytes));
      from = to;
      continue;
    }
    const part = parts[from++];
    if (part !== undefined && part.length > 0) merged.push(part);
  }
  return merged;
}

function isSmall(part: Uint8Array): boolean {
  return part.length < connectionLimits.mergedPartBytesMax;
}

function join(parts: readonly Uint8Array[], from: number, to: number, bytes: number): Uint8Array {
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (let index = from; index < to; index++) {
    const part = parts[index];
    if (part === undefined) continue;
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
