// Big-endian int64 as JavaScript numbers, by byte arithmetic: no DataView per call and no BigInt. Exact
// within ±2⁵³; beyond that the result is rounded, so callers that must refuse such values ask
// Number.isSafeInteger.

const TWO_32 = 4_294_967_296;

/** The int64 at `at`; rounded when beyond ±2⁵³. */
export function int64At(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const low =
    ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0;
  return high * TWO_32 + low;
}

/** The int64 at `at`, exact. Slow: for tools and comparisons. */
export function bigInt64At(bytes: Uint8Array, at: number): bigint {
  return (BigInt(int32At(bytes, at)) << 32n) | BigInt(int32At(bytes, at + 4) >>> 0);
}

/** Writes `value`, an integer within ±2⁵³. */
export function setInt64(bytes: Uint8Array, at: number, value: number): void {
  setInt32(bytes, at, Math.floor(value / TWO_32));
  setInt32(bytes, at + 4, value | 0);
}

/** Writes `value` modulo 2⁶⁴. */
export function setBigInt64(bytes: Uint8Array, at: number, value: bigint): void {
  setInt32(bytes, at, Number(BigInt.asIntN(32, value >> 32n)));
  setInt32(bytes, at + 4, Number(BigInt.asIntN(32, value)));
}

/** The big-endian int32 at `at`. */
export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Writes `value` modulo 2³². */
export function setInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** The big-endian int16 at `at`. */
export function int16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
}

/** Writes `value` modulo 2¹⁶. */
export function setInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
