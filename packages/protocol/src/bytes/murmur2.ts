// The hash by which Kafka's clients choose a partition for a key: murmur2, 32 bits, with Kafka's seed. Every
// client must give the same result, or records of one key spread over partitions.

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** Signed 32-bit hash of a key. */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    const low = (key[at] as number) | ((key[at + 1] as number) << 8);
    let word = low | ((key[at + 2] as number) << 16) | ((key[at + 3] as number) << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    word = Math.imul(word, MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const rest = length - whole;
  if (rest > 0) {
    if (rest > 2) hash ^= (key[whole + 2] as number) << 16;
    if (rest > 1) hash ^= (key[whole + 1] as number) << 8;
    hash = Math.imul(hash ^ (key[whole] as number), MULTIPLIER);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition, of `partitionCount`, for a record with this key. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
