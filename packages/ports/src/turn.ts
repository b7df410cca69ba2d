// The turn of the event loop: group commit, replies and wake-ups are gathered in a turn and done once at its
// end.

/** Hooks of the event loop. */
export interface Turn {
  /**
   * Runs `callback` once at the end of this turn, after every readable socket was served. Callbacks run in
   * order of their request.
   */
  atEnd(callback: () => void): void;
  /** Runs `callback` in a later turn, after pending I/O had its chance: the next slice of long work. */
  nextSlice(callback: () => void): void;
}
