// Turn, timers, chores, process and crypto of a real process.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createNodePorts, type Ports, type TimerHandle } from "../src/index.ts";
import { createNodeTimers } from "../src/node/timers.ts";
import { createNodeTurn, settlePromises } from "../src/node/turn.ts";

const WAIT_MS_MAX = 10_000;

async function until(isDone: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + WAIT_MS_MAX;
  while (!isDone()) {
    assert.ok(performance.now() < giveUpMs, "still not done");
    await settlePromises();
  }
}

const choreModule = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);

async function answers(ports: Ports, ...chores: (readonly [string, unknown])[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const [name, input] of chores) ports.chores.run(name, input, (result) => results.push(result));
  assert.deepEqual(results, []);
  await until(() => results.length === chores.length);
  return results;
}

test("node turn: callbacks run in order at the end of the turn, and what they ask for runs in the next", async () => {
  const turn = createNodeTurn();
  const order: string[] = [];
  turn.atEnd(() => {
    order.push("a");
    turn.atEnd(() => order.push("d"));
    turn.nextSlice(() => order.push("slice of a"));
    setImmediate(() => order.push("later turn"));
  });
  turn.nextSlice(() => order.push("slice"));
  turn.atEnd(() => order.push("b"));
  assert.deepEqual(order, []);
  await until(() => order.length === 6);
  assert.deepEqual(order.slice(0, 2), ["a", "b"]);
  assert.ok(order.indexOf("d") > 1 && order.indexOf("slice") > 1 && order.indexOf("slice of a") > 1);
});

test("node timers: a timer runs no earlier than its time, a cleared one never", async () => {
  const ports = createNodePorts();
  const lateness: number[] = [];
  let cleared: TimerHandle | null = null;
  for (const delayMs of [0, 0.4, 1, 3.7, 12]) {
    const startMs = ports.clock.monotonicMs();
    ports.timers.set(delayMs, () => lateness.push(ports.clock.monotonicMs() - startMs - delayMs));
  }
  cleared = ports.timers.set(2, () => assert.fail("was cleared"));
  ports.timers.clear(cleared);
  ports.timers.clear(cleared);
  await until(() => lateness.length === 5);
  assert.ok(lateness.every((ms) => ms >= 0));
  assert.throws(() => ports.timers.set(-1, () => {}), RangeError);
  assert.throws(() => ports.timers.set(Number.NaN, () => {}), RangeError);
});

test("node timers: a delay beyond what the system can hold does not fire at once", async () => {
  const ports = createNodePorts();
  const far = createNodeTimers(ports.clock).set(2 ** 40, () => assert.fail("too early"));
  let isOver = false;
  ports.timers.set(5, () => {
    isOver = true;
  });
  await until(() => isOver);
  ports.timers.clear(far);
});

test("node chores: run in a worker in order, and their errors come back", async () => {
  const ports = createNodePorts({
    choreModule: choreModule(`
      import { isMainThread } from "node:worker_threads";
      export const chores = new Map([
        ["where", () => isMainThread ? "loop" : "worker"],
        ["double", (input) => input * 2],
        ["fail", () => { throw new Error("broken") }],
      ]);`),
  });
  const [where, doubled, failed, unknown, again] = await answers(
    ports,
    ["where", null],
    ["double", 21],
    ["fail", null],
    ["__proto__", null],
    ["double", 1],
  );
  assert.deepEqual([where, doubled, again], ["worker", 42, 2]);
  assert.ok(failed instanceof Error && failed.message === "broken");
  assert.ok(unknown instanceof Error);
  const [uncloneable] = await answers(ports, ["double", () => {}]);
  assert.ok(uncloneable instanceof Error);
});

test("node chores: a worker that dies fails its task and is replaced", async () => {
  const ports = createNodePorts({
    choreModule: choreModule(`
      export const chores = new Map([["die", () => process.exit(3)], ["live", () => "here"]]);`),
  });
  const [died, live] = await answers(ports, ["die", null], ["live", null]);
  assert.ok(died instanceof Error && /code 3/.test(died.message));
  assert.equal(live, "here");
});

test("node chores: without a chore module every chore fails", async () => {
  const [result] = await answers(createNodePorts(), ["any", null]);
  assert.ok(result instanceof Error);
});

test("node process: tells memory, CPU time and the limit on files", () => {
  const { process: self } = createNodePorts();
  assert.equal(self.pid, process.pid);
  assert.ok(self.residentBytes() > 1_000_000);
  assert.ok(self.cpuSeconds() > 0);
  assert.ok(self.openFilesMax() > 100);
});

test("node crypto: known digests, and comparison of unequal lengths is false", () => {
  const { crypto, random } = createNodePorts();
  const text = (value: string) => new TextEncoder().encode(value);
  const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");
  assert.equal(hex(crypto.hash("md5", text(""))), "d41d8cd98f00b204e9800998ecf8427e");
  assert.equal(
    hex(crypto.hmac("sha256", text("key"), text("The quick brown fox jumps over the lazy dog"))),
    "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
  );
  assert.ok(crypto.equal(text("ab"), text("ab")));
  assert.ok(!crypto.equal(text("ab"), text("ac")));
  assert.ok(!crypto.equal(text("ab"), text("abc")));
  assert.equal(crypto.secureBytes(40).length, 40);
  assert.notDeepEqual(crypto.secureBytes(16), crypto.secureBytes(16));
  assert.equal(random.bytes(5).length, 5);
});

test("node process: halt ends the process at once, with its code and reason, past exit hooks", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      "--conditions=@ottla/source",
      "--input-type=module",
      "-e",
      `import { createNodeProcess } from "@ottla/ports";
       process.on("exit", () => console.log("hook"));
       createNodeProcess().halt(7, "wrong state");
       console.log("went on");`,
    ],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  assert.deepEqual([status, stdout, stderr], [7, "", "halt: wrong state\n"]);
});
