// The clocks of a simulated node: virtual time, and a wall clock that the simulation may set forward or back.
import type { Clock } from "../../clock.ts";
import type { FakeLife } from "../fake-life.ts";

/** Clocks of one life. */
export function createFakeClock(life: FakeLife): Clock {
  const { world, host } = life;
  return {
    wallMs: () => Math.floor(world.startWallMs + world.nowUs / 1000 + host.wallOffsetMs),
    monotonicMs: () => world.nowUs / 1000,
  };
}
