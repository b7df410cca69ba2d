import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld, Xoshiro128 } from "@ottla/ports";
import { TimerQueue } from "./timer-queue.ts";

function queueIn(world: FakeWorld): { timers: TimerQueue; nowMs: () => number } {
  const { clock, timers } = world.node("n", { delays: { timerLateUs: { min: 0, max: 0 } } }).ports;
  return { timers: new TimerQueue(clock, timers), nowMs: () => clock.monotonicMs() };
}

test("timers run in order of their time, moved ones at their last time, cancelled ones never", () => {
  const world = new FakeWorld({ seed: 1 });
  const { timers, nowMs } = queueIn(world);
  const ran: string[] = [];
  const timer = (name: string) => timers.newTimer(() => ran.push(`${name} at ${Math.round(nowMs())}`));
  const [late, early, moved, cancelled] = [timer("late"), timer("early"), timer("moved"), timer("cancelled")];
  late.set(50);
  early.set(10);
  moved.set(20);
  cancelled.set(15);
  moved.set(60);
  cancelled.cancel();
  late.set(40);
  world.run({ ms: 100 });
  assert.deepEqual(ran, ["early at 10", "late at 40", "moved at 60"]);
  assert.equal(timers.fired, 3);
});

test("a timer can set itself anew, and what is due in the past runs at once", () => {
  const world = new FakeWorld({ seed: 1 });
  const { timers, nowMs } = queueIn(world);
  let left = 3;
  const timer = timers.newTimer(() => {
    if (--left > 0) timer.set(nowMs());
  });
  timer.set(-5);
  world.run({ ms: 1 });
  assert.equal(left, 0);
});

test("a closed queue runs nothing", () => {
  const world = new FakeWorld({ seed: 1 });
  const { timers } = queueIn(world);
  const timer = timers.newTimer(() => assert.fail("it ran"));
  timer.set(5);
  timers.close();
  timer.set(1);
  world.run({ ms: 10 });
});

test("many timers that are set, moved and cancelled at random run when they are due", () => {
  const world = new FakeWorld({ seed: 1 });
  const { timers, nowMs } = queueIn(world);
  const random = new Xoshiro128(7);
  const dueMs: (number | null)[] = Array.from({ length: 300 }, () => null);
  const all = dueMs.map((_, index) =>
    timers.newTimer(() => {
      assert.equal(Math.round(nowMs()), dueMs[index]);
      dueMs[index] = null;
    }),
  );
  for (let step = 0; step < 20_000; step++) {
    const index = random.below(all.length);
    if (random.below(3) === 0) {
      all[index]?.cancel();
      dueMs[index] = null;
    } else {
      const due = Math.round(nowMs()) + 1 + random.below(200);
      all[index]?.set(due);
      dueMs[index] = due;
    }
    if (step % 10 === 0) world.run({ ms: 1 });
    for (const due of dueMs) assert.ok(due === null || due >= Math.floor(nowMs()));
  }
  world.run({ ms: 300 });
  assert.ok(dueMs.every((due) => due === null));
});
