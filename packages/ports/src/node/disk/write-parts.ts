// A gathered write that is all or an error: short writes go on where they stopped, long lists of parts go in
// rounds.
import { writeSync, writevSync } from "node:fs";
import { DiskError } from "../../disk.ts";
import { WRITE_PARTS_MAX } from "../limits.ts";

function writeOne(fd: number, path: string, part: Uint8Array, position: number): void {
  let done = 0;
  while (done < part.length) {
    const written = writeSync(fd, part, done, part.length - done, position + done);
    if (written === 0) throw new DiskError("write", path, "EIO");
    done += written;
  }
}

function writeRound(fd: number, path: string, round: readonly Uint8Array[], position: number): number {
  let bytes = 0;
  for (const part of round) bytes += part.length;
  const written = writevSync(fd, round, position);
  if (written === bytes) return bytes;
  // Short: the rest goes part by part, which reports the cause when there is one (a full disk, mostly).
  let partStart = 0;
  for (const part of round) {
    const done = Math.min(Math.max(written - partStart, 0), part.length);
    if (done < part.length) writeOne(fd, path, part.subarray(done), position + partStart + done);
    partStart += part.length;
  }
  return bytes;
}

/**
 * Writes all parts back to back from `position`. Throws what the system call threw, or `DiskError` when it
 * wrote nothing.
 */
export function writeParts(fd: number, path: string, parts: readonly Uint8Array[], position: number): void {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    writeOne(fd, path, first, position);
    return;
  }
  let at = position;
  for (let start = 0; start < parts.length; start += WRITE_PARTS_MAX) {
    const round = parts.length <= WRITE_PARTS_MAX ? parts : parts.slice(start, start + WRITE_PARTS_MAX);
    at += writeRound(fd, path, round, at);
  }
}
