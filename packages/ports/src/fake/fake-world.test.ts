// Events, time, lives and injected disk faults of the seeded world.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DiskError } from "../disk.ts";
import { type Connection, NetworkError } from "../network.ts";
import type { Ports } from "../ports.ts";
import { type Zip, ZipError } from "../zip.ts";
import { NodeCrashed } from "./fake-life.ts";
import type { FakeNode } from "./fake-node.ts";
import { FakeWorld } from "./fake-world.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** A little of everything: timers, turns, disk, network. */
function busyHash(seed: number): string {
  const world = new FakeWorld({ seed });
  const server = world.node("server").ports;
  const client = world.node("client").ports;
  server.disk.makeDirectory("/d");
  const file = server.disk.open("/d/log", "create");
  let position = 0;
  server.network.listen(
    { host: "", port: 9092, backlog: 5 },
    (connection) => ({
      onBytes: (view) => {
        file.write([view], position);
        position += view.length;
        server.turn.atEnd(() => file.sync(() => connection.send([bytes(1)], () => {})));
      },
      onClose: () => {},
    }),
    () => {},
  );
  const ask = (connection: Connection) => connection.send([client.random.bytes(2000)], () => {});
  client.timers.set(5, () =>
    client.network.connect({ host: "server", port: 9092, timeoutMs: 100 }, (result) => {
      assert.ok(!(result instanceof NetworkError));
      ask(result);
      return { onBytes: () => ask(result), onClose: () => {} };
    }),
  );
  world.schedule(150, () => world.crash("server"));
  world.run({ ms: 300 });
  assert.ok(world.eventCount > 100);
  assert.equal(world.nowMs, 300);
  return world.eventHash;
}

test("one seed run twice gives the same events, another seed others", () => {
  assert.equal(busyHash(1), busyHash(1));
  assert.equal(busyHash(2), busyHash(2));
  assert.notEqual(busyHash(1), busyHash(2));
});

test("a turn ends after its callbacks were asked for, slices come in later turns, timers at their time", () => {
  for (let seed = 0; seed < 50; seed++) {
    const world = new FakeWorld({ seed });
    const { turn, timers, clock } = world.node("n").ports;
    const order: string[] = [];
    turn.atEnd(() => {
      order.push("a");
      turn.atEnd(() => order.push("c"));
    });
    turn.nextSlice(() => order.push("slice"));
    turn.atEnd(() => order.push("b"));
    const cleared = timers.set(1, () => order.push("never"));
    timers.clear(cleared);
    const timer = timers.set(3.5, () => {
      assert.ok(clock.monotonicMs() >= timer.dueMs);
      order.push("timer");
    });
    assert.deepEqual(order, []);
    assert.equal(world.run({}), "idle");
    assert.deepEqual(order.slice(0, 2), ["a", "b"]);
    assert.deepEqual(order.toSorted(), ["a", "b", "c", "slice", "timer"]);
  }
});

test("a wall clock that jumps moves no timer", () => {
  const world = new FakeWorld({ seed: 1, startWallMs: 5000 });
  const { clock, timers } = world.node("n", { wallOffsetMs: -1000 }).ports;
  assert.equal(clock.wallMs(), 4000);
  let hasFired = false;
  timers.set(100, () => {
    hasFired = true;
  });
  world.jumpWall("n", 3_600_000);
  world.run({ ms: 50 });
  assert.equal(clock.wallMs(), 4000 + 3_600_000 + 50);
  assert.equal(hasFired, false);
  world.jumpWall("n", -7_200_000);
  world.run({ ms: 100 });
  assert.equal(hasFired, true);
});

test("a stopped process does nothing, then everything in order", () => {
  const world = new FakeWorld({ seed: 4 });
  const { timers } = world.node("n").ports;
  const fired: number[] = [];
  for (const at of [10, 20, 30, 40]) timers.set(at, () => fired.push(at));
  world.pause("n", 5000);
  world.run({ ms: 4999 });
  assert.deepEqual(fired, []);
  world.run({ ms: 10 });
  assert.deepEqual(fired, [10, 20, 30, 40]);
});

test("a call that crashes the node throws into it, and nothing it does afterwards has an effect", () => {
  const world = new FakeWorld({ seed: 1 });
  const node = world.node("n");
  const { disk, timers, turn, network } = node.ports;
  const seen: string[] = [];
  node.storage.onCall = ({ operation }) => (operation === "makeDirectory" ? "crash" : "go");
  timers.set(1, () => {
    try {
      disk.makeDirectory("/d");
    } finally {
      assert.throws(() => disk.list("/"), NodeCrashed);
      timers.set(0, () => seen.push("timer"));
      turn.atEnd(() => seen.push("turn"));
      network.connect({ host: "n", port: 1, timeoutMs: 1 }, () => {
        seen.push("connect");
        return null;
      });
    }
  });
  turn.nextSlice(() => seen.push("before"));
  assert.equal(world.run({}), "idle");
  assert.deepEqual(seen, ["before"]);
  assert.equal(node.isAlive, false);
  node.storage.onCall = null;
  const next = world.restart("n");
  assert.ok(next.isAlive);
  next.ports.disk.makeDirectory("/d");
  assert.deepEqual(next.ports.disk.list("/"), ["d"]);
});

test("code that awaits runs between the events", async () => {
  const world = new FakeWorld({ seed: 1 });
  const { timers } = world.node("n").ports;
  const sleep = (ms: number) => new Promise<void>((resolve) => void timers.set(ms, resolve));
  const order: number[] = [];
  const walk = async () => {
    for (const step of [1, 2, 3]) {
      await sleep(10);
      order.push(step);
    }
  };
  const walked = walk();
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  assert.equal(await world.runSettled({ until: () => order.length === 3 }, settle), "until");
  await walked;
  assert.ok(world.nowMs >= 30);
  assert.equal(await world.runSettled({ events: 5 }, settle), "idle");
});

test("who lets code run that awaits is told whose event came last", async () => {
  const world = new FakeWorld({ seed: 1 });
  const told: (string | null)[] = [];
  world.node("n").ports.timers.set(10, () => {});
  world.schedule(20_000, () => {});
  await world.runSettled({}, (node) => {
    told.push(node);
    return null;
  });
  assert.deepEqual(told, [null, "n", null]);
});

test("a run ends at its time or number of events", () => {
  const world = new FakeWorld({ seed: 1 });
  let ticks = 0;
  const tick = () => {
    ticks++;
    world.schedule(10, tick);
  };
  tick();
  assert.equal(world.run({ ms: 95 }), "time");
  assert.equal(ticks, 10);
  assert.equal(world.run({ events: 3 }), "events");
  assert.equal(ticks, 13);
});

test("an error in a node's code ends the run", () => {
  const world = new FakeWorld({ seed: 1 });
  world.node("n").ports.timers.set(1, () => {
    throw new Error("a bug");
  });
  assert.throws(() => world.run({}), /a bug/);
});

test("a node that halts is dead and remembered", () => {
  const world = new FakeWorld({ seed: 1 });
  const { process, timers } = world.node("n").ports;
  timers.set(1, () => {
    process.halt(3, "no quorum");
    assert.fail("halt returned");
  });
  world.run({});
  assert.deepEqual(world.halts, [{ node: "n", exitCode: 3, reason: "no quorum" }]);
  world.restart("n");
});

test("chores run as events of their own, with cloned input, bound to their life's ports", () => {
  const world = new FakeWorld({ seed: 1 });
  const chores = (ports: Ports) =>
    new Map<string, (input: unknown) => unknown>([
      ["list", () => ports.disk.list("/")],
      [
        "empty",
        (input) => {
          (input as number[]).length = 0;
          throw new Error("broken");
        },
      ],
    ]);
  const { disk, chores: port } = world.node("n", { chores }).ports;
  disk.makeDirectory("/d");
  const input = [1];
  const results: unknown[] = [];
  port.run("list", null, (result) => results.push(result));
  port.run("empty", input, (result) => results.push(result));
  port.run("none", null, (result) => results.push(result));
  world.run({});
  assert.deepEqual(results[0], ["d"]);
  assert.ok(results[1] instanceof Error && results[2] instanceof Error);
  assert.deepEqual(input, [1]);
});

test("secure bytes come from the seed, codecs that were not given are missing", () => {
  const draw = (seed: number) => new FakeWorld({ seed }).node("n").ports.crypto.secureBytes(8);
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const { zip, crypto } = new FakeWorld({ seed: 1 }).node("n").ports;
  assert.throws(() => zip.compress("gzip", bytes(1)), { name: "ZipError", reason: "missing" });
  assert.throws(() => crypto.hash("md5", bytes(1)), /no crypto/);
});

test("later codecs run as events and bring the error of the codec they were given", () => {
  const broken = new ZipError("corrupt", "not gzip");
  const codecs: Zip = {
    compress: (_codec, data) => data.toReversed(),
    decompress: () => {
      throw broken;
    },
    compressLater: () => assert.fail("the world decides when"),
    decompressLater: () => assert.fail("the world decides when"),
    unzip: () => assert.fail("the world decides when"),
  };
  const world = new FakeWorld({ seed: 1 });
  const { zip } = world.node("n", { zip: codecs }).ports;
  const results: unknown[] = [];
  zip.compressLater("gzip", bytes(1, 2), undefined, (result) => results.push(result));
  world.run({});
  zip.decompressLater("gzip", bytes(1), 10, (result) => results.push(result));
  assert.equal(results.length, 1);
  world.run({});
  assert.deepEqual(results, [bytes(2, 1), broken]);
});

/** What an operation on the pool told. */
function completionOf(world: FakeWorld, start: (done: (error: DiskError | null) => void) => void): unknown {
  const results: unknown[] = [];
  start((error) => results.push(error));
  world.run({ until: () => results.length > 0 });
  return results[0];
}

function newFile(node: FakeNode): ReturnType<Ports["disk"]["open"]> {
  node.ports.disk.makeDirectory("/d");
  const file = node.ports.disk.open("/d/a", "create");
  node.ports.disk.syncDirectory("/d");
  node.ports.disk.syncDirectory("/");
  return file;
}

test("a full disk takes what fits and says so", () => {
  const world = new FakeWorld({ seed: 1 });
  const node = world.node("n");
  const file = newFile(node);
  node.storage.bytesMax = 10;
  file.write([bytes(1, 2, 3, 4, 5, 6)], 0);
  assert.throws(() => file.write([bytes(7, 8), bytes(9, 10, 11)], 6), { code: "ENOSPC" });
  assert.equal(file.size(), 10);
  assert.equal(node.ports.disk.space("/").freeBytes, 0);
  file.write([bytes(0, 0)], 8);
});

test("a call fails once when told to, a failed write having left any part", () => {
  const sizes = new Set<number>();
  for (let seed = 0; seed < 40; seed++) {
    const world = new FakeWorld({ seed });
    const node = world.node("n");
    const file = newFile(node);
    let hasFailed = false;
    node.storage.onCall = ({ operation }) => {
      if (operation !== "write" || hasFailed) return "go";
      hasFailed = true;
      return { code: "EIO" };
    };
    assert.throws(
      () => file.write([bytes(1, 2, 3)], 0),
      (error) => error instanceof DiskError,
    );
    sizes.add(file.size());
    file.write([bytes(1, 2, 3)], 0);
    assert.equal(file.size(), 3);
  }
  assert.deepEqual([...sizes].toSorted(), [0, 1, 2, 3]);
});

test("what a failed sync covered is not made durable by a later one that succeeds", () => {
  let lost = 0;
  for (let seed = 0; seed < 40; seed++) {
    const world = new FakeWorld({ seed });
    const node = world.node("n");
    const file = newFile(node);
    file.write([bytes(1)], 0);
    node.storage.onCall = ({ operation, phase }) =>
      operation === "sync" && phase === "effect" ? { code: "EIO" } : "go";
    assert.ok(completionOf(world, (done) => file.sync(done)) instanceof DiskError);
    node.storage.onCall = null;
    assert.equal(
      completionOf(world, (done) => file.sync(done)),
      null,
    );
    world.crash("n");
    if (world.restart("n").ports.disk.readFile("/d/a").length === 0) lost++;
  }
  assert.ok(lost > 5 && lost < 35, `lost ${lost} of 40`);
});

test("damage to a stored file stays", () => {
  const world = new FakeWorld({ seed: 1 });
  const node = world.node("n");
  const file = newFile(node);
  file.write([bytes(0, 0, 0)], 0);
  file.syncNow();
  node.storage.flipBit("/d/a", 9);
  node.storage.shorten("/d/a", 1);
  assert.deepEqual([...node.ports.disk.readFile("/d/a")], [0, 2]);
  world.crash("n");
  assert.deepEqual([...world.restart("n").ports.disk.readFile("/d/a")], [0, 2]);
  assert.deepEqual(node.storage.paths(), ["/d/a"]);
});
