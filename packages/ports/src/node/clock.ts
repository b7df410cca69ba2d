// Time of the platform: `Date` for the wall, `performance` for everything that must not go back.
import type { Clock } from "../clock.ts";

/** The system's clocks. */
export function createNodeClock(): Clock {
  // The global is an accessor: asked for each time, it costs more than the clock.
  const monotonic = performance;
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => monotonic.now(),
  };
}
