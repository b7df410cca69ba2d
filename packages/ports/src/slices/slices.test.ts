import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "../fake/index.ts";
import { endsPiece, type Pieces, runWhole, Slices } from "./slices.ts";

function world(): { world: FakeWorld; slices: Slices; steps: string[] } {
  const world = new FakeWorld({ seed: 3 });
  const { ports } = world.node("a");
  const slices = new Slices(ports);
  const steps: string[] = [];
  slices.observe((name) => steps.push(name));
  return { world, slices, steps };
}

function* counting(to: number, log: number[] = []): Pieces<number> {
  for (let at = 1; at <= to; at += 1) {
    log.push(at);
    yield;
  }
  return to;
}

test("short work ends before the return", () => {
  const { slices, steps } = world();
  const results: number[] = [];
  slices.run("short", counting(5), { done: (result) => results.push(result) });
  assert.deepEqual(results, [5]);
  assert.deepEqual(steps, []);
});

test("long works take turns, one slice of one of them in a turn of the loop", () => {
  const { world: fake, slices, steps } = world();
  const ended: string[] = [];
  slices.run("one", counting(50), { done: () => ended.push("one") });
  slices.run("two", counting(50), { done: () => ended.push("two") });
  assert.deepEqual(ended, []);
  fake.run({ ms: 100 });
  assert.deepEqual(steps, ["one", "two", "one", "two", "one", "two"]);
  assert.deepEqual(ended, ["one", "two"]);
});

test("work that begins later, or inside a slice, waits for its turn", () => {
  const { world: fake, slices } = world();
  const ended: string[] = [];
  slices.later("later", counting(1), {
    done: () => {
      slices.run("inner", counting(1), { done: () => ended.push("inner") });
      ended.push("later");
    },
  });
  assert.deepEqual(ended, []);
  fake.run({ ms: 100 });
  assert.deepEqual(ended, ["later", "inner"]);
});

test("cancelled work stops, also when it is cancelled by what it calls, and its finally runs", () => {
  const { world: fake, slices } = world();
  const log: number[] = [];
  const work = slices.run("cancelled", counting(1000, log), { done: () => assert.fail("it ended") });
  work.cancel();
  work.cancel();
  const done = log.length;
  fake.run({ ms: 100 });
  assert.equal(log.length, done);
  let isClean = false;
  const self = slices.later("by itself", cancelling(), { done: () => assert.fail("it ended") });
  function* cancelling(): Pieces<void> {
    try {
      yield;
      self.cancel();
      yield;
      assert.fail("it went on");
    } finally {
      isClean = true;
    }
  }
  fake.run({ ms: 100 });
  assert.equal(isClean, true);
});

test("work that throws tells so, in whichever slice; what waits behind it goes on", () => {
  const { world: fake, slices } = world();
  const failures: unknown[] = [];
  let isOtherDone = false;
  function* failing(after: number): Pieces<void> {
    yield* counting(after);
    throw new Error(`after ${after}`);
  }
  const end = {
    done: () => assert.fail("it ended"),
    failed: (error: unknown) => failures.push(String(error)),
  };
  slices.run("early", failing(1), end);
  assert.deepEqual(failures, ["Error: after 1"]);
  slices.run("late", failing(200), end);
  slices.later("other", counting(200), { done: () => (isOtherDone = true) });
  fake.run({ ms: 100 });
  assert.deepEqual(failures, ["Error: after 1", "Error: after 200"]);
  assert.equal(isOtherDone, true);
});

test("a loop over small things pauses now and then; whole runs do not", () => {
  function* loop(): Pieces<number> {
    let pauses = 0;
    for (let count = 1; count <= 1000; count += 1) {
      if (!endsPiece(count)) continue;
      pauses += 1;
      yield;
    }
    return pauses;
  }
  assert.equal(runWhole(loop()), 15);
});
