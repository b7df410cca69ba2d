// How long things take in the simulated world. Every draw is uniform in its range, and one in 32 takes ten
// times as long, so that orders which are rare in practice are met in every run.
import type { Random } from "../random.ts";

/** Microseconds, both ends included. */
export interface DelayRange {
  readonly min: number;
  readonly max: number;
}

/** Ranges of one node. They may be changed while the world runs: a slow disk, a slow network. */
export interface FakeDelays {
  /**
   * From the first request for it to the end of the turn: what else is ready meanwhile belongs to the same
   * turn.
   */
  turnEndUs: DelayRange;
  /** How late a timer fires. */
  timerLateUs: DelayRange;
  /** An operation on the pool: fdatasync, cold read, unlink. */
  poolUs: DelayRange;
  choreUs: DelayRange;
  /** From sender to receiver, and from `send` until the kernel took the parts. */
  networkUs: DelayRange;
  /** Until a peer learns that a machine without power is gone. */
  resetUs: DelayRange;
}

const SLOW_ONE_IN = 32;
const SLOW_FACTOR = 10;

/** Draws a delay in microseconds. */
export function drawDelayUs(random: Random, range: DelayRange): number {
  const delayUs = range.min + random.below(range.max - range.min + 1);
  return random.below(SLOW_ONE_IN) === 0 ? delayUs * SLOW_FACTOR : delayUs;
}
