// A part of a segment's file that was durable and cannot be read any more: kept as it is, never served. Whom
// its offsets belong to is known by its sound neighbours. Empty where the file ends too early: the records
// that followed are gone.

/** Records of `[fromOffset, toOffset)` are lost in these bytes. */
export interface CorruptRange {
  readonly position: number;
  readonly bytes: number;
  readonly fromOffset: number;
  readonly toOffset: number;
}
