// Lives of a log one after the other, each ended by a crash at a drawn call of the disk, checked after each
// reopening and once more after a stop in order. Not here: what happens in a life, and what must hold.
import { NodeCrashed } from "@ottla/ports";
import type { PartitionLog } from "../partition-log.ts";
import type { LogWorld } from "./log-world.ts";

/** What is lived. */
export interface CrashingLives {
  readonly lives: number;
  /** Steps of a life that meets no crash. */
  readonly steps: number;
  readonly callsBeforeCrash: number;
  act(log: PartitionLog): void;
  /** Everything below survives from here on. */
  durable(endOffset: number): void;
  /** All steps of a life are done. */
  ended?(): void;
  /** Throws when a promise is broken. */
  check(log: PartitionLog): void;
}

/** Lives in `world`, made for `seed`. Throws when a check does, naming the seed. */
export function runCrashingLives(seed: number, world: LogWorld, plan: CrashingLives): void {
  const { random } = world.world;
  const { storage } = world.world.host("broker");
  try {
    for (let life = 0; life < plan.lives; life++) {
      const how = random.below(2) === 0 ? ("crash" as const) : ("kill" as const);
      const lastCall = storage.callCount + 1 + random.below(plan.callsBeforeCrash);
      // A process that dies inside fdatasync loses nothing of what it wrote; the fake would.
      storage.onCall = ({ index, operation }) =>
        index !== lastCall ? "go" : operation === "sync" ? "crash" : how;
      if (live(world, plan)) world.restart();
      else world.crash(how === "crash" ? "power" : "kill");
      storage.onCall = null;
      world.open();
      plan.check(world.log());
      world.closeAndOpen();
      plan.check(world.log());
      world.crash("kill");
    }
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error });
  }
}

/** True when the node crashed on the way. */
function live(world: LogWorld, plan: CrashingLives): boolean {
  try {
    world.open();
    const log = world.log();
    log.listener = {
      written() {},
      failed() {},
      durable: (durable) => plan.durable(durable.durableEndOffset),
    };
    for (let step = 0; step < plan.steps && world.isAlive; step++) plan.act(log);
    plan.ended?.();
  } catch (error) {
    if (!(error instanceof NodeCrashed)) throw error;
  }
  return !world.isAlive;
}
