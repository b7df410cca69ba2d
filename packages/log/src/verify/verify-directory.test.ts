import assert from "node:assert/strict";
import { test } from "node:test";
import { Slices } from "@ottla/ports";
import { answersOf, damageFile, damages, PARTITION, worldWithSegments } from "../testing/damaged-files.ts";
import { DIRECTORY, type LogWorld } from "../testing/log-world.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { type RepairedDirectory, repairLogDirectory, verifyLogDirectory } from "./look-at-directory.ts";
import type { VerifiedDirectory } from "./verify-directory.ts";

type Files = ReadonlyMap<string, Uint8Array>;

function stopped(how: "in order" | "by a crash" = "in order"): LogWorld {
  const world = worldWithSegments();
  if (how === "by a crash") world.crash("kill");
  else world.close();
  return world;
}

function optionsOf(world: LogWorld): Parameters<typeof verifyLogDirectory>[0] {
  const { ports } = world;
  return { ports, slices: new Slices(ports), path: DIRECTORY, partitions: null, checked: () => {} };
}

function verified(world: LogWorld): VerifiedDirectory {
  const results: unknown[] = [];
  verifyLogDirectory(optionsOf(world), (result) => results.push(result));
  world.world.run({ until: () => results.length > 0 });
  if (results[0] instanceof Error) throw results[0];
  return results[0] as VerifiedDirectory;
}

function repaired(world: LogWorld): RepairedDirectory {
  const results: unknown[] = [];
  repairLogDirectory(optionsOf(world), (result) => results.push(result));
  world.world.run({ until: () => results.length > 0 });
  if (results[0] instanceof Error) throw results[0];
  return results[0] as RepairedDirectory;
}

function kinds(findings: readonly Finding[]): FindingKind[] {
  return findings.map(({ kind }) => kind);
}

function filesOf(world: LogWorld): Files {
  const { disk } = world.ports;
  const paths = [DIRECTORY, PARTITION].flatMap((directory) =>
    disk.list(directory).map((name) => `${directory}/${name}`),
  );
  const files = paths.filter((path) => disk.status(path)?.kind === "file" && !path.endsWith(".lock"));
  return new Map(files.map((path) => [path, disk.readFile(path)]));
}

function segments(world: LogWorld): string[] {
  return world.ports.disk.list(PARTITION).filter((name) => name.endsWith(".log"));
}

test("a directory that was stopped in order has nothing to tell", () => {
  const world = stopped();
  const before = filesOf(world);
  const found = verified(world);
  assert.deepEqual(found.findings, []);
  assert.equal(found.wasClean, true);
  assert.equal(found.logs[0]?.segments, segments(world).length);
  assert.ok((found.logs[0]?.logEndOffset ?? 0) >= 24);
  assert.deepEqual(filesOf(world), before);
});

test("after a crash it is said how much a start looks at, and nothing else", () => {
  assert.deepEqual(kinds(verified(stopped("by a crash")).findings), ["unclean-stop"]);
});

test("beside a broker it is said that the directory is in use, and a repair refuses", () => {
  const world = worldWithSegments();
  assert.deepEqual(kinds(verified(world).findings), ["in-use"]);
  assert.throws(() => repaired(world), /stop it first/);
});

test("a damaged batch is told with its offsets, and a repair notes it for readers", () => {
  const world = stopped();
  const [first = ""] = segments(world);
  world.world.host("broker").storage.flipBit(`${PARTITION}/${first}`, 8 * 70);
  const { findings } = verified(world);
  assert.deepEqual(kinds(findings), ["damage"]);
  assert.equal(findings[0]?.fromOffset, 0);
  assert.equal(findings[0]?.toOffset, 1);
  assert.equal(findings[0]?.position, 0);
  const log = world.ports.disk.readFile(`${PARTITION}/${first}`);
  assert.deepEqual(kinds(repaired(world).mended), ["damage"]);
  assert.deepEqual(world.ports.disk.readFile(`${PARTITION}/${first}`), log);
  assert.deepEqual(kinds(verified(world).findings), ["known-damage"]);
});

test("a torn tail is left to the broker, which does what was foretold", () => {
  const world = worldWithSegments();
  const { log } = { log: world.log() };
  const end = log.logEndOffset;
  world.close();
  world.ports.disk.remove(`${DIRECTORY}/.kafka_cleanshutdown`);
  const last = `${PARTITION}/${segments(world).at(-1)}`;
  const file = world.ports.disk.open(last, "write");
  file.write([new Uint8Array(100).fill(7)], file.size());
  file.close();
  const { findings } = verified(world);
  assert.deepEqual(kinds(findings), ["torn-tail", "unclean-stop"]);
  assert.equal(findings[0]?.fromOffset, end);
  assert.equal(findings[0]?.bytes, 100);
  assert.deepEqual(repaired(world).mended, []);
  world.open();
  assert.equal(world.log().logEndOffset, end);
});

test("a file that ends before what was durable is told as a loss", () => {
  const world = stopped("by a crash");
  const last = `${PARTITION}/${segments(world).at(-1)}`;
  const { bytes } = world.ports.disk.status(last) ?? { bytes: 0 };
  world.world.host("broker").storage.shorten(last, bytes);
  const { findings } = verified(world);
  assert.deepEqual(kinds(findings).sort(), ["lost-tail", "unclean-stop", "wrong-index"]);
});

test("a missing segment is a gap", () => {
  const world = stopped();
  const [, second = ""] = segments(world);
  world.ports.disk.remove(`${PARTITION}/${second}`);
  assert.ok(kinds(verified(world).findings).includes("gap"));
});

test("leftovers are told and go with a repair", () => {
  const world = stopped();
  const { disk } = world.ports;
  for (const name of ["00000000000000000000.log.deleted", "00000000000000000000.log.cleaned"]) {
    disk.replaceFile(`${PARTITION}/${name}`, new Uint8Array(10));
  }
  disk.replaceFile(`${PARTITION}/00000000000000000099.index`, new Uint8Array(8));
  const gone = `${DIRECTORY}/old-0.0123456789abcdef0123456789abcdef-delete`;
  disk.makeDirectory(gone);
  disk.replaceFile(`${gone}/00000000000000000000.log`, new Uint8Array(10));
  assert.deepEqual(kinds(verified(world).findings).sort(), [
    "deleted-directory",
    "leftover-file",
    "leftover-file",
    "orphan-index",
  ]);
  assert.equal(repaired(world).mended.length, 4);
  assert.deepEqual(verified(world).findings, []);
});

function isSame(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left?.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** What cannot be told from a file that is right: indexes are sparse, snapshots need not be there. */
const untold: ReadonlySet<string> = new Set([
  ".index missing",
  ".index empty",
  ".index cut in half",
  ".index zeros",
  ".timeindex cut in half",
  ".snapshot missing",
  ".snapshot of another segment",
]);

for (const [suffix, entryBytes] of [
  [".index", 8],
  [".timeindex", 12],
  [".txnindex", 34],
  [".snapshot", 30],
  ["leader-epoch-checkpoint", 4],
] as const) {
  test(`a ${suffix} that is wrong is told, and right after a repair`, () => {
    const expected = answersOf(worldWithSegments());
    for (const [name, damage] of damages) {
      const world = stopped();
      const paths = [...filesOf(world).keys()].filter((path) => path.endsWith(suffix));
      const path = paths[0] as string;
      const right = world.ports.disk.readFile(path);
      damageFile(world, damage, { path, otherPath: paths.at(1) ?? path }, entryBytes);
      const before = filesOf(world);
      const { findings } = verified(world);
      assert.deepEqual(filesOf(world), before, "a look changes nothing");
      const { found, mended } = repaired(world);
      assert.deepEqual(kinds(mended), kinds(found.findings), `${suffix} ${name}`);
      const isTold = !untold.has(`${suffix} ${name}`) && !isSame(before.get(path), right);
      if (isTold) assert.ok(findings.length > 0, `${suffix} ${name} is told`);
      assert.deepEqual(verified(world).findings, [], `${suffix} ${name}`);
      world.open();
      assert.deepEqual(answersOf(world), expected, `${suffix} ${name}`);
    }
  });
}
