// A cleaned segment takes the place of those it was made from, so that a crash at any step leaves the old
// ones or the new one: `.cleaned` becomes `.swap` (once that is durable, opening the log completes the swap),
// the old files become `.deleted` (and that durable), `.swap` goes. The log goes on between these steps: a
// cut takes a `.swap` that is not in the log back (local-log.ts). Readers under way keep the old files until
// those are removed. Not here: the syncs between the steps (live-log.ts).
import type { LocalLog } from "../local-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { CLEANED_SUFFIX, SWAP_SUFFIX } from "../segment/segment-file-name.ts";

/** `cleaned`, durable under its `.cleaned` names, gets those of a swap: to be synced. Throws `DiskError`. */
export function beginSwap(local: LocalLog, cleaned: LogSegment): void {
  local.beginSwap(cleaned);
  // The log comes last: without it the other files mean nothing.
  for (const file of cleaned.files())
    file.rename(`${file.path.slice(0, -CLEANED_SUFFIX.length)}${SWAP_SUFFIX}`);
}

/**
 * `cleaned`, durable under the names of a swap, replaces `old`, neighbours in `local`. The names are to be
 * synced before `endSwap`. Throws `DiskError`: the log must be opened again then, which takes it the one way
 * or the other.
 */
export function swapIn(
  local: LocalLog,
  cleaned: LogSegment,
  old: readonly LogSegment[],
  retire: (segments: readonly LogSegment[]) => void,
): void {
  local.endSwap();
  retire(old);
  local.replaceSegments(old, cleaned);
}

/** What `beginSwap` did is undone: the names are to be synced. Throws `DiskError`. */
export function giveUpSwap(local: LocalLog, cleaned: LogSegment): void {
  local.endSwap();
  for (const file of [...cleaned.files()].reverse()) file.remove();
}

/** The segment's files still have the names of a swap. */
export function isSwapping(segment: LogSegment): boolean {
  return segment.log.path.endsWith(SWAP_SUFFIX);
}

/** The last step: the files get their own names. May be repeated; a sync may follow. Throws `DiskError`. */
export function endSwap(segment: LogSegment): void {
  // The log first: index files beside a log still called `.swap` would be taken for those it replaces.
  for (const file of [...segment.files()].reverse()) {
    if (file.path.endsWith(SWAP_SUFFIX)) file.rename(file.path.slice(0, -SWAP_SUFFIX.length));
  }
}
