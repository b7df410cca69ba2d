// After a failed sync the cache may hold as clean what the disk does not have: to write the same bytes again
// makes the next sync cover them.
import type { Pieces } from "@ottla/ports";
import { RECOVERY_CHUNK_BYTES } from "../limits.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/** Writes what `segment` has in its file once more, a chunk a piece. Throws `DiskError`. */
export function* writeAnew(segment: LogSegment): Pieces<void> {
  const chunk = new Uint8Array(Math.min(RECOVERY_CHUNK_BYTES, segment.sizeInBytes));
  for (let position = 0; position < segment.sizeInBytes; position += chunk.length) {
    const file = segment.log.opened();
    const bytes = Math.min(chunk.length, segment.sizeInBytes - position);
    const read = file.read(chunk.subarray(0, bytes), position);
    file.write([chunk.subarray(0, read)], position);
    yield;
  }
}
