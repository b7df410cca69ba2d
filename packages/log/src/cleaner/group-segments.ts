// Which neighbouring segments become one: together they are no larger than a segment may be, so that a log
// does not end up as a row of nearly empty files. An index holds offsets relative to the base in an int32.
import { RELATIVE_OFFSET_MAX } from "../segment/log-segment.ts";

/** What grouping looks at. */
export interface SegmentSize {
  readonly baseOffset: number;
  readonly sizeInBytes: number;
  readonly offsetIndexBytes: number;
  readonly timeIndexBytes: number;
}

/** Bounds of a group. */
export interface GroupBounds {
  readonly segmentBytes: number;
  readonly segmentIndexBytes: number;
  /** End of the last segment. */
  readonly endOffset: number;
}

/** Groups in order; a segment above the bounds is one by itself. Answers the number of segments of each. */
export function groupSegments(segments: readonly SegmentSize[], bounds: GroupBounds): number[] {
  const groups: number[] = [];
  let group: { baseOffset: number; bytes: number; offsetIndex: number; timeIndex: number } | null = null;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] as SegmentSize;
    const endOffset = segments[index + 1]?.baseOffset ?? bounds.endOffset;
    const joins: boolean =
      group !== null &&
      group.bytes + segment.sizeInBytes <= bounds.segmentBytes &&
      group.offsetIndex + segment.offsetIndexBytes <= bounds.segmentIndexBytes &&
      group.timeIndex + segment.timeIndexBytes <= bounds.segmentIndexBytes &&
      (segment.sizeInBytes === 0 || endOffset - 1 - group.baseOffset <= RELATIVE_OFFSET_MAX);
    if (group !== null && joins) {
      group.bytes += segment.sizeInBytes;
      group.offsetIndex += segment.offsetIndexBytes;
      group.timeIndex += segment.timeIndexBytes;
      groups.push((groups.pop() ?? 0) + 1);
    } else {
      group = {
        baseOffset: segment.baseOffset,
        bytes: segment.sizeInBytes,
        offsetIndex: segment.offsetIndexBytes,
        timeIndex: segment.timeIndexBytes,
      };
      groups.push(1);
    }
  }
  return groups;
}
