// Lives of a partition that is moved to and fro between two log directories while it is appended to, each
// ended by a crash at a drawn call of the disk. Holds afterwards: one log, in one of the directories, with
// every durable record at its offset, nothing else, and the start it had. Not here: the lives themselves.
import type { Offset } from "@ottla/protocol";
import { runCrashingLives } from "./crashing-lives.ts";
import { appendNow, batchOf, LogWorld, valuesFrom } from "./log-world.ts";

export const MOVE_DIRECTORIES: readonly string[] = ["/first", "/second"];

/** How often the log was found in another directory than before. */
export function runMoveScenario(seed: number, journalBytes: number): number {
  const world = new LogWorld({
    seed,
    directories: MOVE_DIRECTORIES,
    journalBytes,
    config: { segmentBytes: 2048 },
  });
  const { random } = world.world;
  const values = new Map<number, string>();
  let durableEnd = 0;
  let sureStart = 0;
  let where = "";
  let moves = 0;
  const act = (): void => {
    // It may have been replaced since the last step.
    const log = world.log();
    if (where !== "" && where !== log.directory) moves += 1;
    where = log.directory;
    const given = [`${random.uint32()}`, `${random.uint32()}`];
    const outcome = appendNow(log, batchOf(given));
    if (outcome.kind !== "appended") throw new Error(`an append was answered with ${outcome.kind}`);
    given.forEach((value, index) => {
      values.set(outcome.firstOffset + index, `${outcome.firstOffset + index}:${value}`);
    });
    if (random.below(3) === 0) {
      const target = world.manager.directoryAt(MOVE_DIRECTORIES[random.below(2)] as string);
      if (target !== null) world.manager.moves.move(log, target, () => {});
    }
    world.world.run({ events: 1 + random.below(30) });
    if (random.below(8) === 0) world.tick();
    const now = world.log();
    now.updateHighWatermark(now.durableEndOffset);
    if (random.below(12) > 0) return;
    const start = Math.min(now.highWatermark, now.logStartOffset + random.below(6));
    now.deleteRecordsBelow(start as Offset);
    world.manager.saveStart(now, (error) => {
      if (error === null) sureStart = Math.max(sureStart, start);
    });
  };
  runCrashingLives(seed, world, {
    lives: 8,
    steps: 60,
    callsBeforeCrash: 300,
    act,
    durable: (endOffset) => {
      durableEnd = Math.max(durableEnd, endOffset);
    },
    check: (log) => {
      const { path, logStartOffset, logEndOffset } = log;
      if (logEndOffset < durableEnd)
        throw new Error(`${durableEnd} was durable, ${path} ends at ${logEndOffset}`);
      if (logStartOffset < sureStart)
        throw new Error(`started at ${sureStart}, ${path} at ${logStartOffset}`);
      const found = valuesFrom(world, log, logStartOffset);
      if (found.length !== logEndOffset - logStartOffset) {
        throw new Error(`${path} has ${found.length} records from ${logStartOffset} to ${logEndOffset}`);
      }
      for (const each of found) {
        const appended = values.get(Number(each.slice(0, each.indexOf(":"))));
        if (appended !== each) throw new Error(`read ${each}, appended ${appended}`);
      }
      // Records beyond the end are gone for good: their offsets are given out again.
      for (const offset of values.keys()) if (offset >= logEndOffset) values.delete(offset);
      sureStart = logStartOffset;
      durableEnd = logEndOffset;
    },
  });
  return moves;
}
