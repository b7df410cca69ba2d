// The order in which Java's HashMap of strings lists keys that came by computeIfAbsent, which puts the newest
// first in its slot. Kafka's tool reports files in it.
import { javaStringHash } from "@ottla/protocol";

const FIRST_TABLE = 16;

/** The keys, given in order of insertion, in that order. */
export function javaMapOrder(keys: readonly string[]): string[] {
  let table = FIRST_TABLE;
  while (keys.length > table * 0.75) table *= 2;
  const slot = (key: string): number => {
    const hash = javaStringHash(key);
    return (hash ^ (hash >>> 16)) & (table - 1);
  };
  return keys.toReversed().sort((left, right) => slot(left) - slot(right));
}
