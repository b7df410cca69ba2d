// Lives of a follower's log that is cut again and again and goes on with other records, each ended by a crash
// at a drawn call of the disk. Holds afterwards: what was durable and not cut is there, what was cut is gone
// once the cut returned, and nobody takes the missing records for damage. Not here: the lives themselves.
import type { LeaderEpoch, Offset } from "@ottla/protocol";
import type { PartitionLog } from "../partition-log.ts";
import { runCrashingLives } from "./crashing-lives.ts";
import { appendNow, batchOf, LogWorld, valuesFrom } from "./log-world.ts";

/** What a scenario comes to. */
export interface TruncateScenario {
  readonly cuts: number;
}

/** Runs the scenario of `seed`. */
export function runTruncateScenario(seed: number, journalBytes: number): TruncateScenario {
  const config = { segmentBytes: 900, indexIntervalBytes: 100, segmentIndexBytes: 120 };
  const world = new LogWorld({ seed, config, journalBytes });
  const { random } = world.world;
  /** Values that may stand at an offset; a cut that a crash ended leaves the old one or none. */
  const values = new Map<number, string>();
  /** First offsets of batches, ascending. */
  let starts: number[] = [];
  const forgetFrom = (offset: number): void => {
    for (const at of values.keys()) if (at >= offset) values.delete(at);
    starts = starts.filter((start) => start < offset);
  };
  let durableEnd = 0;
  let cuts = 0;
  let epoch = 0;
  const cut = (log: PartitionLog): void => {
    // Followers are cut where a leader's epoch ended, which is between two batches.
    const offset = [...starts].reverse()[random.below(8)] ?? 0;
    durableEnd = Math.min(durableEnd, offset);
    log.truncateTo(offset as Offset);
    forgetFrom(offset);
    cuts += 1;
    epoch += 1;
  };
  runCrashingLives(seed, world, {
    lives: 6,
    steps: 60,
    callsBeforeCrash: 400,
    act: (log) => {
      const given = Array.from({ length: 1 + random.below(3) }, () => `${random.uint32()}`);
      const options = { origin: "client", leaderEpoch: epoch as LeaderEpoch } as const;
      const outcome = appendNow(log, batchOf(given), options);
      if (outcome.kind !== "appended") throw new Error(`an append was answered with ${outcome.kind}`);
      starts.push(outcome.firstOffset);
      given.forEach((value, index) => {
        values.set(outcome.firstOffset + index, value);
      });
      if (random.below(2) === 0) world.world.run({ events: 1 + random.below(20) });
      if (random.below(6) === 0) world.tick();
      // A leader that was elected uncleanly has followers cut below the high watermark, too.
      if (random.below(2) === 0) log.updateHighWatermark(log.durableEndOffset);
      if (random.below(4) === 0) cut(log);
    },
    durable: (endOffset) => {
      durableEnd = Math.max(durableEnd, endOffset);
    },
    check: (log) => {
      const { logEndOffset } = log;
      if (logEndOffset < durableEnd)
        throw new Error(`${durableEnd} was durable, the log ends at ${logEndOffset}`);
      if (world.manager.damage.corruptRanges > 0) throw new Error("a cut was taken for damage");
      const found = valuesFrom(world, log, 0);
      if (found.length !== logEndOffset) throw new Error(`${found.length} records below ${logEndOffset}`);
      for (const each of found) {
        const offset = Number(each.slice(0, each.indexOf(":")));
        const appended = `${offset}:${values.get(offset)}`;
        if (each !== appended) throw new Error(`read ${each}, appended ${appended}`);
      }
      forgetFrom(logEndOffset);
      durableEnd = logEndOffset;
    },
  });
  return { cuts };
}
