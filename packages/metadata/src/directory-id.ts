// Reserved ids of log directories (KIP-858), as they stand in partition registrations.
import { type Uuid, uuidToBytes, ZERO_UUID } from "@ottla/protocol";

/** Not told yet: a partition from before directories were assigned. */
export const DIRECTORY_MIGRATING: Uuid = ZERO_UUID;

/** The broker has still to choose. */
export const DIRECTORY_UNASSIGNED: Uuid = "AAAAAAAAAAAAAAAAAAAAAQ" as Uuid;

/** A directory that is offline, whichever it was. */
export const DIRECTORY_LOST: Uuid = "AAAAAAAAAAAAAAAAAAAAAg" as Uuid;

/** True for the ids below 100, which no directory can have. */
export function isReservedDirectory(id: Uuid): boolean {
  const bytes = uuidToBytes(id);
  return bytes.subarray(0, 15).every((byte) => byte === 0) && (bytes[15] as number) < 100;
}
