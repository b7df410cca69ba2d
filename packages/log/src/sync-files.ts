// The fdatasyncs of one log's files: on the pool one after the other, or blocking. A transaction index is
// synced before the records it tells about. Not here: when (directory/), what it means for the log's ends
// (durable-ends.ts).
import { DiskError } from "@ottla/ports";
import type { LocalLog } from "./local-log.ts";
import type { CachedFile } from "./segment/file-cache.ts";

/** Everything written by now is in the files for good when `done(null)` runs; mostly in a later turn. */
export function syncFiles(local: LocalLog, done: (error: DiskError | null) => void): void {
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
  next(0);
}

/** The same at once. Throws `DiskError`. */
export function syncFilesNow(local: LocalLog): void {
  for (const segment of local.beginSync()) {
    segment.transactionIndex.takeUnsynced();
    for (const file of [segment.transactionIndex.file, segment.log]) {
      if (file.exists()) file.opened().syncNow();
    }
  }
  local.endSync();
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
