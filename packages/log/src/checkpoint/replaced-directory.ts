// `.ottla_replaces` in a partition's directory: which log directory held the partition before it was moved
// here. Two directories on two disks cannot be swapped in one step, so for a moment both are there; the one
// with this file is the one in use then. Emptied when the other is gone for good, before it is removed, so
// that it never comes back with something to say.
import type { Disk, DiskDone } from "@ottla/ports";
import { readWholeFile } from "./checkpoint-text.ts";

const REPLACED_DIRECTORY = ".ottla_replaces";

/** `done` in a later turn, once `identity` of the directory replaced would be found after a crash. */
export function writeReplacedDirectoryLater(
  disk: Disk,
  directory: string,
  identity: string,
  done: DiskDone,
): void {
  disk.replaceFileLater(`${directory}/${REPLACED_DIRECTORY}`, new TextEncoder().encode(identity), done);
}

/** Identity of the log directory that held the partition before; null: none. Throws `DiskError`. */
export function readReplacedDirectory(disk: Disk, directory: string): string | null {
  const bytes = readWholeFile(disk, `${directory}/${REPLACED_DIRECTORY}`);
  return bytes === null || bytes.length === 0 ? null : new TextDecoder().decode(bytes);
}

/** `done` in a later turn, once nothing would be found after a crash; at once when nothing is there. */
export function removeReplacedDirectoryLater(disk: Disk, directory: string, done: DiskDone): void {
  const path = `${directory}/${REPLACED_DIRECTORY}`;
  if (disk.status(path) === null) {
    done(null);
    return;
  }
  disk.replaceFileLater(path, new Uint8Array(0), (error) => {
    if (error !== null) done(error);
    else disk.removeLater(path, () => done(null));
  });
}
