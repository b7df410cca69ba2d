import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import { BackOff } from "./back-off.ts";

function drawn(failures: number): number[] {
  const { random } = new FakeWorld({ seed: 3 }).node("client").ports;
  const backOff = new BackOff(100, 1000, random);
  return Array.from({ length: 200 }, () => backOff.delayMs(failures));
}

test("a back-off doubles with each failure, give or take a fifth", () => {
  for (const [failures, termMs] of [
    [0, 100],
    [1, 200],
    [3, 800],
  ] as const) {
    const delays = drawn(failures);
    assert.ok(Math.min(...delays) < termMs * 0.85 && Math.min(...delays) >= termMs * 0.8, `${failures}`);
    assert.ok(Math.max(...delays) > Math.min(1000, termMs * 1.15) - 1, `${failures}`);
  }
});

test("at the maximum clients are still drawn apart, and none waits longer", () => {
  const delays = drawn(20);
  assert.ok(Math.max(...delays) <= 1000);
  assert.ok(Math.min(...delays) < 850);
  assert.ok(new Set(delays).size > 50);
});

test("an initial delay above the maximum is the maximum's", () => {
  const { random } = new FakeWorld({ seed: 4 }).node("client").ports;
  assert.ok(new BackOff(5000, 1000, random).delayMs(0) <= 1000);
});
