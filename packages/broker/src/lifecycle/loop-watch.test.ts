import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeNode, FakeWorld, NotedLogger, type Watchdog } from "@ottla/ports";
import { lifecycleLimits } from "../limits.ts";
import { LoopWatch } from "./loop-watch.ts";

const sessionTimeoutMs = 9000;

interface Harness {
  readonly world: FakeWorld;
  readonly node: FakeNode;
  readonly watch: LoopWatch;
  readonly loop: { isStuck: boolean; connections: number };
}

/** A node whose loop does nothing but tick. */
function harness(): Harness {
  const world = new FakeWorld({ seed: 6 });
  const node = world.node("n");
  const { ports } = node;
  const watch = new LoopWatch(ports.watchdog, sessionTimeoutMs, new NotedLogger());
  const loop = { isStuck: false, connections: 1 };
  const tick = (): void => {
    if (loop.isStuck) return;
    watch.tick(ports.clock.monotonicMs(), loop.connections);
    ports.timers.set(lifecycleLimits.tickMs, tick);
  };
  tick();
  return { world, node, watch, loop };
}

test("the loop is watched once a client stays, not before", () => {
  const { world, node, loop } = harness();
  for (let visit = 0; visit < 10; visit += 1) {
    loop.connections = 1;
    world.run({ ms: lifecycleLimits.watchAfterMs - 2 * lifecycleLimits.tickMs });
    loop.connections = 0;
    world.run({ ms: 2 * lifecycleLimits.tickMs });
  }
  assert.equal(node.ports.watchdog.isWatching, false);
  loop.connections = 1;
  world.run({ ms: lifecycleLimits.watchAfterMs + 3 * lifecycleLimits.tickMs });
  assert.equal(node.ports.watchdog.isWatching, true);
});

test("a loop that is silent for the session timeout ends the process, one that runs does not", () => {
  const { world, node, watch, loop } = harness();
  world.run({ ms: 100_000 });
  assert.equal(node.isAlive, true);
  loop.isStuck = true;
  world.run({ ms: sessionTimeoutMs - 1000 });
  assert.equal(node.isAlive, true);
  const silence = watch.samples().find(({ name }) => name === "ottla_watchdog_longest_silence_ms");
  assert.ok((silence?.value ?? 0) > sessionTimeoutMs / 2, String(silence?.value));
  world.run({ ms: 2500 });
  assert.equal(node.isAlive, false);
  assert.match(world.halts[0]?.reason ?? "", /did nothing for 9000 ms \(broker\.session\.timeout\.ms\)/);
});

test("a process that was stopped as a whole goes on", () => {
  const { world, node } = harness();
  world.run({ ms: 20_000 });
  world.pause("n", 120_000);
  world.run({ ms: 200_000 });
  assert.equal(node.isAlive, true);
});

test("a broker that has closed is not watched", () => {
  const { world, node, watch, loop } = harness();
  world.run({ ms: 20_000 });
  watch.stop();
  loop.isStuck = true;
  world.run({ ms: 100_000 });
  assert.equal(node.isAlive, true);
  assert.equal(watch.samples()[0]?.value, 0);
});

test("a watchdog that dies is told of once and not tried again", () => {
  const logger = new NotedLogger();
  let tries = 0;
  const dying: Watchdog = {
    isWatching: false,
    longestSilenceMs: 0,
    watch: ({ failed }) => {
      tries += 1;
      failed(new Error("no memory"));
    },
    beat: () => {},
    stop: () => {},
  };
  const watch = new LoopWatch(dying, sessionTimeoutMs, logger);
  for (let nowMs = 0; nowMs < 60_000; nowMs += lifecycleLimits.tickMs) watch.tick(nowMs, 1);
  assert.equal(tries, 1);
  assert.equal(logger.warnings.length, 1);
});
