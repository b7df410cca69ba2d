// A 128-bit hash of a record's key (MurmurHash3, the variant for 32-bit lanes): what the offset map knows a
// key by. Not cryptographic: who can make two keys meet could write either of them anyway, and the seed is
// drawn anew for each cleaning.

const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;
/** Bytes taken in at a time. */
const BLOCK_BYTES = 16;

/** Hashes `bytes[at … end)` into the four words of `hash`. */
export function hashKey(bytes: Uint8Array, at: number, end: number, seed: number, hash: Int32Array): void {
  hash.fill(seed);
  const blocksEnd = end - ((end - at) % BLOCK_BYTES);
  for (let block = at; block < blocksEnd; block += BLOCK_BYTES) {
    hash[0]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, block, end), C1), 15), C2);
    hash[0] = Math.imul(rotate(hash[0]!, 19) + hash[1]!, 5) + 0x561ccd1b;
    hash[1]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, block + 4, end), C2), 16), C3);
    hash[1] = Math.imul(rotate(hash[1]!, 17) + hash[2]!, 5) + 0x0bcaa747;
    hash[2]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, block + 8, end), C3), 17), C4);
    hash[2] = Math.imul(rotate(hash[2]!, 15) + hash[3]!, 5) + 0x96cd1c35;
    hash[3]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, block + 12, end), C4), 18), C1);
    hash[3] = Math.imul(rotate(hash[3]!, 13) + hash[0]!, 5) + 0x32ac3b17;
  }
  // Bytes at and behind the end count as zero, which changes nothing.
  hash[0]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, blocksEnd, end), C1), 15), C2);
  hash[1]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, blocksEnd + 4, end), C2), 16), C3);
  hash[2]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, blocksEnd + 8, end), C3), 17), C4);
  hash[3]! ^= Math.imul(rotate(Math.imul(wordAt(bytes, blocksEnd + 12, end), C4), 18), C1);
  const length = end - at;
  for (let lane = 0; lane < 4; lane++) hash[lane]! ^= length;
  addUp(hash);
  for (let lane = 0; lane < 4; lane++) hash[lane] = avalanche(hash[lane]!);
  addUp(hash);
}

function addUp(hash: Int32Array): void {
  hash[0] = hash[0]! + hash[1]! + hash[2]! + hash[3]!;
  for (let lane = 1; lane < 4; lane++) hash[lane]! += hash[0]!;
}

function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function wordAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) {
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }
  let word = 0;
  for (let index = 0; at + index < end; index++) word |= bytes[at + index]! << (8 * index);
  return word;
}
