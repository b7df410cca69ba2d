// Time of the platform: `Date` for the wall, `performance` for everything that must not go back.
import type { Clock } from "../clock.ts";

/** The system's clocks. */
export function createNodeClock(): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  };
}
