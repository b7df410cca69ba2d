import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import { TimerTask, TimingWheel } from "./timing-wheel.ts";

class Noted extends TimerTask {
  readonly #ran: () => void;
  constructor(ran: () => void) {
    super();
    this.#ran = ran;
  }
  override timedOut(): void {
    this.#ran();
  }
}

function wheelOfWorld() {
  const world = new FakeWorld({ seed: 7 });
  const node = world.node("one");
  const wheel = new TimingWheel(node.ports.clock, node.ports.timers);
  const ran: { name: string; atMs: number }[] = [];
  const task = (name: string, also: () => void = () => {}): Noted =>
    new Noted(() => {
      ran.push({ name, atMs: node.ports.clock.monotonicMs() });
      also();
    });
  return { world, node, wheel, ran, task };
}

test("tasks run in the order of their times and never early", () => {
  const { world, node, wheel, ran, task } = wheelOfWorld();
  const startMs = node.ports.clock.monotonicMs();
  const delays = [500, 3, 0, 1024, 1023, 5000, 1, 2049];
  for (const delay of delays) wheel.set(task(String(delay)), delay);
  world.run({});
  assert.deepEqual(
    ran.map(({ name }) => Number(name)),
    [...delays].sort((left, right) => left - right),
  );
  for (const { name, atMs } of ran)
    assert.ok(atMs - startMs >= Number(name), `${name} ran after ${atMs - startMs}`);
});

test("a cancelled task does not run, also when another of the same time cancels it", () => {
  const { world, wheel, ran, task } = wheelOfWorld();
  const late = task("late");
  const early = task("early", () => late.cancel());
  wheel.set(early, 10);
  wheel.set(late, 10);
  const gone = task("gone");
  wheel.set(gone, 10);
  gone.cancel();
  world.run({});
  assert.deepEqual(
    ran.map(({ name }) => name),
    ["early"],
  );
});

test("a task may be set again from within its own run", () => {
  const { world, wheel, ran, task } = wheelOfWorld();
  let left = 3;
  const again: Noted = task("again", () => {
    left -= 1;
    if (left > 0) wheel.set(again, 2000);
  });
  wheel.set(again, 2000);
  world.run({});
  assert.equal(ran.length, 3);
});

test("after a long pause everything that is due runs, and what is not waits on", () => {
  const { world, node, wheel, ran, task } = wheelOfWorld();
  for (const delay of [10, 700, 1500, 2500]) wheel.set(task(String(delay)), delay);
  wheel.set(task("9000"), 9000);
  world.pause("one", 5000);
  world.run({ ms: 5500 });
  assert.deepEqual(new Set(ran.map(({ name }) => name)), new Set(["10", "700", "1500", "2500"]));
  assert.ok(node.ports.clock.monotonicMs() >= 5000);
  world.run({});
  assert.equal(ran.at(-1)?.name, "9000");
});

test("a closed wheel runs nothing", () => {
  const { world, wheel, ran, task } = wheelOfWorld();
  wheel.set(task("a"), 10);
  wheel.close();
  world.run({});
  assert.equal(ran.length, 0);
});
