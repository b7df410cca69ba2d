// The two clocks of a node. Wall time stamps records and decides retention; monotonic time drives every
// timeout, session and lease, so that a wall clock that jumps moves no timer.

/** Source of time. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC, an integer; may jump either way. */
  wallMs(): number;
  /** Milliseconds since an arbitrary start, with fraction; never goes back. */
  monotonicMs(): number;
}
