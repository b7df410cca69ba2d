// The syncs that make one log's records durable: on the pool one after the other, or blocking. What a new
// log or segment needs to be found goes first, then each file; a transaction index is synced before the
// records it tells about. Not here: when (directory/), what it means for the log's ends (durable-ends.ts).
import { type Disk, type DiskDone, DiskError } from "@ottla/ports";
import type { LocalLog } from "./local-log.ts";
import type { CachedFile } from "./segment/file-cache.ts";

/** What a sync of a directory needs. */
type LaterDisk = Pick<Disk, "syncDirectoryLater">;

/** Everything written by now is in the files for good when `done(null)` runs; mostly in a later turn. */
export function syncFiles(disk: LaterDisk, local: LocalLog, done: DiskDone): void {
  const segments = local.beginSync();
  const files = segments.flatMap((segment) => segment.takeFilesToSync().map((file) => ({ segment, file })));
  const next = (index: number): void => {
    const item = files[index];
    if (item === undefined) {
      local.endSync();
      done(null);
    } else if (!local.holds(item.segment)) next(index + 1);
    else {
      syncFile(item.file, (error) => {
        if (error === null) next(index + 1);
        else done(error);
      });
    }
  };
  syncCreation(local, (error) => {
    if (error !== null) done(error);
    else
      syncNames(disk, local, (second) => {
        if (second === null) next(0);
        else done(second);
      });
  });
}

/** The same at once. A new log without records stays as it is: it has nothing to lose. Throws `DiskError`. */
export function syncFilesNow(local: LocalLog): void {
  const segments = local.beginSync();
  if (local.creation !== null) {
    if (segments.length === 0) return;
    local.creation.syncNow();
    local.created();
  }
  local.syncNamesNow();
  for (const segment of segments) {
    segment.transactionIndex.takeUnsynced();
    for (const file of [segment.transactionIndex.file, segment.log]) {
      if (file.exists()) file.opened().syncNow();
    }
  }
  local.endSync();
}

function syncCreation(local: LocalLog, done: DiskDone): void {
  const { creation } = local;
  if (creation === null) done(null);
  else {
    creation.sync((error) => {
      if (error === null) local.created();
      done(error);
    });
  }
}

/** The names in the log's directory, as they are now, are durable when `done(null)` runs. */
export function syncNames(disk: LaterDisk, local: LocalLog, done: DiskDone): void {
  if (!local.hasNewNames) {
    done(null);
    return;
  }
  const { directory, nameChanges } = local;
  disk.syncDirectoryLater(directory, (error) => {
    // The directory may have got another name meanwhile.
    if (error === null) {
      local.namesSynced(nameChanges);
      done(null);
    } else if (local.isClosed) done(null);
    else if (local.directory !== directory) syncNames(disk, local, done);
    else done(error);
  });
}

/** As `DiskFile.sync`; a file that does not open is an error too. */
function syncFile(file: CachedFile, done: (error: DiskError | null) => void): void {
  try {
    file.opened().sync(done);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    done(error);
  }
}
