import assert from "node:assert/strict";
import { test } from "node:test";
import { LoopMetrics } from "./loop-metrics.ts";

test("each offender is named with its number and its worst", () => {
  const loop = new LoopMetrics();
  for (const ms of [1, 5, 7, 12, 6]) loop.sliceTook("metadata snapshot", ms);
  loop.sliceTook("Fetch", 4.9);
  loop.phaseTook("logs", 5.5);
  loop.tickTook("controller", 40);
  const shown = loop.samples().filter(({ labels }) => Object.keys(labels).length > 0);
  const told = shown.map(({ name, labels, value }) => [name, ...Object.values(labels), value]);
  assert.deepEqual(told, [
    ["ottla_turn_long_phases_total", "logs", 1],
    ["ottla_turn_longest_phase_ms", "logs", 5.5],
    ["ottla_long_slices_total", "metadata snapshot", 3],
    ["ottla_longest_slice_ms", "metadata snapshot", 12],
    ["ottla_long_ticks_total", "controller", 1],
    ["ottla_longest_tick_ms", "controller", 40],
  ]);
});
