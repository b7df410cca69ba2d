// Kafka's 128-bit identifiers as 22 characters of base64url without padding: the form that Kafka prints,
// stores in meta.properties and uses in file names. Equal identifiers are equal strings, so they serve as Map
// keys.
import { DecodeError } from "./decode-error.ts";

/** A 128-bit identifier, 22 characters of base64url. */
export type Uuid = string & { readonly __brand: "Uuid" };

/** "No identifier": sixteen zero bytes. */
export const ZERO_UUID: Uuid = "AAAAAAAAAAAAAAAAAAAAAA" as Uuid;

/** The identifier of `__cluster_metadata`; reserved, as are all up to 100. */
export const METADATA_TOPIC_UUID: Uuid = "AAAAAAAAAAAAAAAAAAAAAQ" as Uuid;

const RESERVED_MAX = 100;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CODES: Uint8Array = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES: Int8Array = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value += 1) VALUES[CODES[value] as number] = value;

/** The identifier in the 16 bytes at `start`. */
export function uuidFromBytes(bytes: Uint8Array, start: number = 0): Uuid {
  if (start < 0 || start + 16 > bytes.length) throw new DecodeError("a uuid ends early");
  let text = "";
  for (let at = start; at < start + 15; at += 3) {
    const group =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    text += String.fromCharCode(
      CODES[group >>> 18] as number,
      CODES[(group >>> 12) & 63] as number,
      CODES[(group >>> 6) & 63] as number,
      CODES[group & 63] as number,
    );
  }
  const last = bytes[start + 15] as number;
  return (text + String.fromCharCode(CODES[last >>> 2] as number, CODES[(last & 3) << 4] as number)) as Uuid;
}

/** Writes the 16 bytes of `uuid` at `start`. */
export function writeUuid(uuid: Uuid, bytes: Uint8Array, start: number): void {
  let at = start;
  for (let index = 0; index < 20; index += 4) {
    const group = (sextet(uuid, index) << 18) | (sextet(uuid, index + 1) << 12);
    const rest = (sextet(uuid, index + 2) << 6) | sextet(uuid, index + 3);
    bytes[at++] = group >>> 16;
    bytes[at++] = ((group | rest) >>> 8) & 0xff;
    bytes[at++] = rest & 0xff;
  }
  bytes[at] = (sextet(uuid, 20) << 2) | (sextet(uuid, 21) >>> 4);
}

/** The 16 bytes of `uuid`. */
export function uuidToBytes(uuid: Uuid): Uint8Array {
  const bytes = new Uint8Array(16);
  writeUuid(uuid, bytes, 0);
  return bytes;
}

/**
 * The identifier that a user wrote, or null when it is none. As Kafka, it ignores padding and the 4 bits that
 * the last character has too many.
 */
export function parseUuid(text: string): Uuid | null {
  const bare = text.length === 24 && text.endsWith("==") ? text.slice(0, 22) : text;
  if (bare.length !== 22) return null;
  for (let index = 0; index < 22; index += 1) if (sextet(bare, index) < 0) return null;
  return uuidFromBytes(uuidToBytes(bare as Uuid));
}

/** Whether Kafka keeps the identifier for itself: the zero one and the 100 after it in value. */
export function isReservedUuid(uuid: Uuid): boolean {
  if (!uuid.startsWith("AAAAAAAAAAAAAAAAAAAA")) return false;
  return (uuidToBytes(uuid)[15] as number) <= RESERVED_MAX;
}

/**
 * Order of Kafka's Uuid.compareTo: two signed 64-bit halves, the more significant one first. Negative, zero
 * or positive.
 */
export function compareUuids(left: Uuid, right: Uuid): number {
  if (left === right) return 0;
  const leftBytes = uuidToBytes(left);
  const rightBytes = uuidToBytes(right);
  for (let index = 0; index < 16; index += 1) {
    const flip = index % 8 === 0 ? 0x80 : 0;
    const difference = ((leftBytes[index] as number) ^ flip) - ((rightBytes[index] as number) ^ flip);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * A fresh version 4 identifier from 16 unpredictable bytes a try. Never a reserved one, and never one that
 * starts with
 * "-", which command lines would take for an option (KIP-516).
 */
export function randomUuid(randomBytes: (length: number) => Uint8Array): Uuid {
  for (;;) {
    const bytes = Uint8Array.from(randomBytes(16));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    const uuid = uuidFromBytes(bytes);
    if (!uuid.startsWith("-")) return uuid;
  }
}

function sextet(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (VALUES[code] as number) : -1;
}
