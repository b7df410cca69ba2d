// Takes a range of a segment out of what is served, and tells of it.
import type { LogContext } from "../log-context.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import type { CorruptRange } from "./corrupt-range.ts";

/** `range` is not known yet; the caller sees to `corrupt-ranges`. */
export function keepCorrupt(context: LogContext, segment: LogSegment, range: CorruptRange): void {
  segment.corruptRanges = [...segment.corruptRanges, range].sort(
    (left, right) => left.position - right.position,
  );
  context.damage.foundCorrupt(segment.log.path, range);
}
