// What a crash leaves of a disk: at every call of a small workload, over many seeds.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Disk } from "../../disk.ts";
import { FakeWorld } from "../fake-world.ts";

/** Runs the workload once to count its calls, then crashes it at each of them. */
function atEveryCall(
  seeds: number,
  workload: (disk: Disk, note: (fact: string) => void) => void,
  check: (disk: Disk, facts: readonly string[], where: string) => void,
): void {
  const attempt = (seed: number, crashAt: number) => {
    const world = new FakeWorld({ seed });
    const node = world.node("n");
    const facts: string[] = [];
    node.storage.onCall = ({ index }) => (index === crashAt ? "crash" : "go");
    node.ports.timers.set(0, () => workload(node.ports.disk, (fact) => facts.push(fact)));
    world.run({});
    node.storage.onCall = null;
    world.crash("n");
    check(world.restart("n").ports.disk, facts, `seed ${seed}, crash at call ${crashAt}`);
    return node.storage.callCount;
  };
  const calls = attempt(0, Number.POSITIVE_INFINITY);
  assert.ok(calls > 3);
  for (let seed = 0; seed < seeds; seed++) for (let at = 0; at < calls; at++) attempt(seed, at);
}

test("a synced prefix survives every crash, what is behind it may be torn but never invented", () => {
  const tails = new Set<number>();
  const block = (n: number) => new Uint8Array(1000).fill(n + 1);
  atEveryCall(
    20,
    (disk, note) => {
      disk.makeDirectory("/d");
      const file = disk.open("/d/log", "create");
      disk.syncDirectory("/d");
      disk.syncDirectory("/");
      note("named");
      for (let n = 0; n < 4; n++) {
        file.write([block(n).subarray(0, 300), block(n).subarray(300)], n * 1000);
        if (n % 2 === 0) continue;
        file.syncNow();
        note(`synced ${n + 1}`);
      }
    },
    (disk, facts, where) => {
      if (!facts.includes("named")) return;
      const content = disk.readFile("/d/log");
      const synced = facts.includes("synced 4") ? 4000 : facts.includes("synced 2") ? 2000 : 0;
      assert.ok(content.length >= synced && content.length <= 4000, where);
      content.forEach((byte, at) => {
        const written = Math.floor(at / 1000) + 1;
        assert.ok(byte === written || (byte === 0 && at >= synced), `${where}: byte ${byte} at ${at}`);
      });
      tails.add(content.length);
    },
  );
  assert.ok(tails.size > 5, `few kinds of tail: ${[...tails].join()}`);
});

test("a replaced file has the old or the new content after every crash", () => {
  const text = (value: string) => new TextEncoder().encode(value.repeat(300));
  const seen = new Set<string>();
  atEveryCall(
    30,
    (disk, note) => {
      disk.makeDirectory("/d");
      disk.syncDirectory("/");
      for (const content of ["one ", "two "]) {
        disk.replaceFile("/d/a", text(content));
        note(content);
      }
    },
    (disk, facts, where) => {
      const content = disk.status("/d/a") === null ? "" : new TextDecoder().decode(disk.readFile("/d/a"));
      const kind = content.slice(0, 4);
      seen.add(`${facts.length} then ${kind}`);
      assert.ok(["", "one ", "two "].includes(kind), where);
      assert.ok(content === kind.repeat(300), where);
      if (facts.length === 1) assert.notEqual(kind, "", where);
      if (facts.length === 2) assert.equal(kind, "two ", where);
    },
  );
  assert.ok(seen.has("1 then one ") && seen.has("1 then two ") && seen.has("0 then one "));
});

test("a name whose directory was not synced may be lost, though its content was synced", () => {
  const outcomes = new Map<string, number>();
  for (let seed = 0; seed < 100; seed++) {
    const world = new FakeWorld({ seed });
    const { disk } = world.node("n").ports;
    disk.makeDirectory("/d");
    disk.syncDirectory("/");
    const file = disk.open("/d/a", "create");
    file.write([new Uint8Array(10)], 0);
    file.syncNow();
    disk.open("/d/b", "create");
    world.crash("n");
    const names = world.restart("n").ports.disk.list("/d").join();
    outcomes.set(names, (outcomes.get(names) ?? 0) + 1);
  }
  assert.deepEqual([...outcomes.keys()].toSorted(), ["", "a", "a,b", "b"]);
});

test("a sync covers what was written before it was called, not what came after", () => {
  let lost = 0;
  for (let seed = 0; seed < 60; seed++) {
    const world = new FakeWorld({ seed });
    const { disk } = world.node("n").ports;
    const file = disk.open("/a", "create");
    disk.syncDirectory("/");
    file.write([new Uint8Array(512).fill(1)], 0);
    let isSynced = false;
    file.sync(() => {
      isSynced = true;
    });
    file.write([new Uint8Array(512).fill(2)], 512);
    world.run({ until: () => isSynced });
    world.crash("n");
    const content = world.restart("n").ports.disk.readFile("/a");
    assert.ok(content.subarray(0, 512).every((byte) => byte === 1) && content.length >= 512);
    if (content[512] !== 2) lost++;
  }
  assert.ok(lost > 10 && lost < 50, `lost ${lost} of 60`);
});

test("a killed process loses nothing it wrote, and its lock is free", () => {
  const world = new FakeWorld({ seed: 1 });
  const { disk } = world.node("n").ports;
  disk.makeDirectory("/d");
  assert.ok(disk.lock("/d") !== null);
  disk.open("/d/a", "create").write([new Uint8Array(5000).fill(3)], 0);
  world.crash("n", { how: "kill" });
  const next = world.restart("n").ports.disk;
  assert.deepEqual(next.readFile("/d/a"), new Uint8Array(5000).fill(3));
  assert.ok(next.lock("/d") !== null);
});

test("a process killed while it syncs leaves nothing in doubt: a later sync makes it durable", () => {
  for (let seed = 0; seed < 60; seed++) {
    const world = new FakeWorld({ seed });
    const node = world.node("n");
    const file = node.ports.disk.open("/a", "create");
    node.ports.disk.syncDirectory("/");
    file.write([new Uint8Array(2000).fill(1)], 0);
    file.sync(() => assert.fail("the process is dead"));
    node.storage.onCall = ({ phase }) => (phase === "effect" ? "kill" : "go");
    world.run({ until: () => !node.isAlive });
    node.storage.onCall = null;
    const { disk } = world.restart("n").ports;
    disk.open("/a", "write").syncNow();
    world.crash("n");
    assert.deepEqual(world.restart("n").ports.disk.readFile("/a"), new Uint8Array(2000).fill(1));
  }
});

test("a sync that lies leaves what it covered to chance, until one that does not", () => {
  let lost = 0;
  for (let seed = 0; seed < 60; seed++) {
    const world = new FakeWorld({ seed });
    const node = world.node("n");
    const file = node.ports.disk.open("/a", "create");
    node.ports.disk.syncDirectory("/");
    file.write([new Uint8Array(600).fill(1)], 0);
    node.storage.onCall = ({ operation }) => (operation === "sync" ? "lie" : "go");
    file.syncNow();
    node.storage.onCall = null;
    if (seed % 2 === 0) file.syncNow();
    world.crash("n");
    const content = world.restart("n").ports.disk.readFile("/a");
    if (content.length === 600 && content.every((byte) => byte === 1)) continue;
    assert.equal(seed % 2, 1, `seed ${seed}: lost behind an honest sync`);
    lost++;
  }
  assert.ok(lost > 5, `lost ${lost} of 30`);
});
