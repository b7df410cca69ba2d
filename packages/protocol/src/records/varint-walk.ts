// Varints of records in two steps: how many bytes, then the value. Two small pure functions instead of a
// cursor object, because they are inlined and keep positions in registers: the loops that use them meet
// every record a broker accepts.

const TWO_32 = 4_294_967_296;

/** Bytes of the varint at `at`: 1 to `bytesMax`; 0 when it is longer than that, −1 when `end` comes first. */
export function varintBytes(bytes: Uint8Array, at: number, end: number, bytesMax: number): number {
  if (at < end && bytes[at]! < 0x80) return 1;
  if (at + 1 < end && bytes[at + 1]! < 0x80) return 2;
  return longVarintBytes(bytes, at, end, bytesMax);
}

function longVarintBytes(bytes: Uint8Array, at: number, end: number, bytesMax: number): number {
  for (let size = 1; size <= bytesMax; size++) {
    if (at + size > end) return -1;
    if (bytes[at + size - 1]! < 0x80) return size;
  }
  return 0;
}

/** The zigzag int32 of `size` bytes at `at`. Bits beyond 32 are dropped, as Kafka drops them. */
export function varintAt(bytes: Uint8Array, at: number, size: number): number {
  let value = bytes[at]!;
  if (size > 1) {
    value = (value & 0x7f) | (bytes[at + 1]! << 7);
    if (size > 2) value = longVarintAt(bytes, at, size, value & 0x3fff);
  }
  return (value >>> 1) ^ -(value & 1);
}

function longVarintAt(bytes: Uint8Array, at: number, size: number, low: number): number {
  let value = low;
  for (let i = 2; i < size; i++) value |= (bytes[at + i]! & 0x7f) << (7 * i);
  return value;
}

/** The zigzag int64 of `size` bytes at `at`; rounded beyond ±2⁵³. */
export function varlongAt(bytes: Uint8Array, at: number, size: number): number {
  return size <= 4 ? varintAt(bytes, at, size) : longVarlongAt(bytes, at, size);
}

function longVarlongAt(bytes: Uint8Array, at: number, size: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < 4; i++) low |= (bytes[at + i]! & 0x7f) << (7 * i);
  low |= (bytes[at + 4]! & 0x7f) << 28;
  high = (bytes[at + 4]! & 0x7f) >>> 4;
  for (let i = 5; i < size; i++) high |= (bytes[at + i]! & 0x7f) << (7 * i - 32);
  const sign = -(low & 1);
  const half = ((low >>> 1) | (high << 31)) ^ sign;
  return ((high >>> 1) ^ sign) * TWO_32 + (half >>> 0);
}
