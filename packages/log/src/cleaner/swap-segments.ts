// A cleaned segment takes the place of those it was made from, so that a crash at any step leaves the old
// ones or the new one: `.cleaned` becomes `.swap` (from here on opening the log completes the swap), the
// old files become `.deleted`, `.swap` goes. In between nothing else may happen to the log, so these are
// one step but for the last. Readers under way keep the old files until those are removed.
import type { Disk } from "@ottla/ports";
import type { LocalLog } from "../local-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { CLEANED_SUFFIX, SWAP_SUFFIX } from "../segment/segment-file-name.ts";

/**
 * `cleaned`, durable under its `.cleaned` names, replaces `old`, neighbours in `local`. Throws `DiskError`:
 * the log must be opened again then, which takes it the one way or the other.
 */
export function swapIn(
  disk: Disk,
  local: LocalLog,
  cleaned: LogSegment,
  old: readonly LogSegment[],
  retire: (segments: readonly LogSegment[]) => void,
): void {
  // The log comes last: without it the other files mean nothing.
  for (const file of cleaned.files())
    file.rename(`${file.path.slice(0, -CLEANED_SUFFIX.length)}${SWAP_SUFFIX}`);
  disk.syncDirectory(local.directory);
  retire(old);
  local.replaceSegments(old, cleaned);
}

/** The segment's files still have the names of a swap. */
export function isSwapping(segment: LogSegment): boolean {
  return segment.log.path.endsWith(SWAP_SUFFIX);
}

/** The last step: the files get their own names. May be repeated. Throws `DiskError`. */
export function endSwap(disk: Disk, local: LocalLog, segment: LogSegment): void {
  // The log first: index files beside a log still called `.swap` would be taken for those it replaces.
  for (const file of [...segment.files()].reverse()) {
    if (file.path.endsWith(SWAP_SUFFIX)) file.rename(file.path.slice(0, -SWAP_SUFFIX.length));
  }
  disk.syncDirectory(local.directory);
}
