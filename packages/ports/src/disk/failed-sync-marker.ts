// `.ottla_sync_failed` in a directory of logs, or of the metadata log: a sync failed while the directory was
// in use. After one, the system's cache holds as clean what the disk does not have, and no later sync writes
// it; whoever opens the directory must write anew what is not known to be durable. The marker need not be
// durable: what takes it, a machine that starts anew, takes that cache with it.
import { type Disk, DiskError } from "../disk.ts";

const FAILED_SYNC_MARKER = ".ottla_sync_failed";

/** Leaves the marker, as well as it can be left on a disk that fails; false when it could not. */
export function leaveFailedSyncMarker(disk: Disk, directory: string): boolean {
  try {
    disk.open(`${directory}/${FAILED_SYNC_MARKER}`, "write").close();
    return true;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return false;
  }
}

/** Whether a sync failed in the life before. Throws `DiskError`. */
export function hasFailedSyncMarker(disk: Disk, directory: string): boolean {
  return disk.status(`${directory}/${FAILED_SYNC_MARKER}`) !== null;
}

/** All that was in doubt is written anew and synced. Throws `DiskError`. */
export function removeFailedSyncMarker(disk: Disk, directory: string): void {
  disk.remove(`${directory}/${FAILED_SYNC_MARKER}`);
}
