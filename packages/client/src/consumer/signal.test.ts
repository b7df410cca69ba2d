import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld, settlePromises } from "@ottla/ports";
import { Signal } from "./signal.ts";

function stage() {
  const world = new FakeWorld({ seed: 1 });
  const { timers } = world.node("n").ports;
  return { world, signal: new Signal(timers) };
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  await settlePromises();
  return settled;
}

test("a wait ends with the next change, and at once when the change is already there", async () => {
  const { signal } = stage();
  const seen = signal.version;
  const waiting = signal.wait(seen, 1000);
  assert.equal(await isSettled(waiting), false);
  signal.notify();
  assert.equal(await isSettled(waiting), true);
  assert.equal(await isSettled(signal.wait(seen, 1000)), true);
  assert.equal(await isSettled(signal.wait(signal.version, 1000)), false);
});

test("a wait ends with its time", async () => {
  const { world, signal } = stage();
  const waiting = signal.wait(signal.version, 1000);
  world.run({ ms: 900 });
  assert.equal(await isSettled(waiting), false);
  world.run({ ms: 200 });
  assert.equal(await isSettled(waiting), true);
});

test("a later change comes in its time, unless the signal is closed before", async () => {
  const { world, signal } = stage();
  signal.notifyAfter(100);
  const before = signal.version;
  world.run({ ms: 200 });
  assert.equal(signal.version, before + 1);
  signal.notifyAfter(100);
  signal.close();
  const closed = signal.version;
  world.run({ ms: 200 });
  assert.equal(signal.version, closed);
});
