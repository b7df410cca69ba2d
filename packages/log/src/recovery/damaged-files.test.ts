// Each file that follows from the log, wrong in every way, after a stop in order and after a crash: the log
// answers every question as before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answersOf, damageFile, damages, PARTITION, worldWithSegments } from "../testing/damaged-files.ts";
import { DIRECTORY, type LogWorld } from "../testing/log-world.ts";

/** What is damaged: by suffix or name, with the bytes of an entry. */
const kinds: ReadonlyMap<string, number> = new Map([
  [".index", 8],
  [".timeindex", 12],
  [".txnindex", 34],
  [".snapshot", 30],
  ["leader-epoch-checkpoint", 4],
  ["recovery-point-offset-checkpoint", 11],
  ["replication-offset-checkpoint", 11],
  ["log-start-offset-checkpoint", 11],
  ["cleaner-offset-checkpoint", 11],
]);

/**
 * What cannot be told from a file that is right: Kafka's format has a transaction index only where a
 * transaction was aborted, and nothing says how many.
 */
const untold: ReadonlySet<string> = new Set([
  ".txnindex missing",
  ".txnindex empty",
  ".txnindex cut in half",
  // An older one that bears the name of a newer one says nothing that is wrong.
  ".snapshot of another segment",
]);

function filesOf(world: LogWorld, kind: string): string[] {
  const { disk } = world.ports;
  const inPartition = disk.list(PARTITION).map((name) => `${PARTITION}/${name}`);
  const inDirectory = disk.list(DIRECTORY).map((name) => `${DIRECTORY}/${name}`);
  return [...inPartition, ...inDirectory].filter((path) => path.endsWith(kind));
}

function stopped(how: "in order" | "by a crash"): LogWorld {
  const world = worldWithSegments();
  if (how === "by a crash") world.crash("kill");
  else world.close();
  return world;
}

for (const [kind, entryBytes] of kinds) {
  for (const how of ["in order", "by a crash"] as const) {
    test(`a ${kind} that is wrong in any way changes no answer of a log that was stopped ${how}`, () => {
      const before = worldWithSegments();
      const expected = answersOf(before);
      const count = filesOf(stopped(how), kind).length;
      assert.ok(count > 0, "there are such files");
      for (const [name, damage] of damages) {
        if (untold.has(`${kind} ${name}`)) continue;
        for (const index of new Set([0, count - 1])) {
          const world = stopped(how);
          const paths = filesOf(world, kind);
          const path = paths[index] as string;
          damageFile(world, damage, { path, otherPath: paths[(index + 1) % count] as string }, entryBytes);
          world.open();
          assert.deepEqual(answersOf(world), expected, `${name}: ${path}`);
          assert.deepEqual(world.logger.errors, [], `${name}: ${path}`);
        }
      }
    });
  }
}
