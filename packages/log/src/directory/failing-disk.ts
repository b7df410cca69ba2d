// Which errors at a start speak of a disk that fails, so that its log directory is offline and others go on;
// the rest is a mistake of people (rights, a file in the place of a directory), which refuses the start.
import { DiskError } from "@ottla/ports";

const FAILING_DISK_CODES: ReadonlySet<string> = new Set([
  "EIO",
  // What file systems do after an error of their disk.
  "EROFS",
  "EUCLEAN",
  "ENXIO",
  "ENODEV",
  "EREMOTEIO",
  "ESTALE",
  "ENOTCONN",
  "ETIMEDOUT",
]);

/** Whether the disk itself fails. */
export function isFailingDisk(error: unknown): boolean {
  return error instanceof DiskError && FAILING_DISK_CODES.has(error.code);
}
