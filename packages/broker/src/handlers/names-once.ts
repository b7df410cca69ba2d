// Requests that change things by name refuse a name that they carry twice, because its two entries may
// contradict each other.
import { endsPiece, type Pieces } from "@ottla/ports";

/** Names that stand once in a list, and those that stand more often. Both keep the list's order. */
export function* namesOnce(names: readonly string[]): Pieces<{ once: Set<string>; repeated: Set<string> }> {
  const once = new Set<string>();
  const repeated = new Set<string>();
  let seen = 0;
  for (const name of names) {
    if (endsPiece(++seen)) yield;
    if (once.delete(name)) repeated.add(name);
    else if (!repeated.has(name)) once.add(name);
  }
  return { once, repeated };
}
