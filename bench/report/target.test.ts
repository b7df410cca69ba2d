import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, type Medians, type Target } from "./target.ts";

const target: Target = {
  about: "CPU",
  load: "load",
  figure: "CPU s/GB",
  peer: "ottla-page-cache",
  against: "kafka",
  bound: "at most",
  limit: 0.35,
};

function medians(values: Readonly<Record<string, number>>): Medians {
  const row = Object.entries(values).map(([peer, value]) => [
    peer,
    { median: value, min: value, max: value, runs: 1 },
  ]);
  return { load: { "CPU s/GB": Object.fromEntries(row) } };
}

test("a ratio to Kafka at the limit is met, one above is missed", () => {
  const met = judge(target, medians({ kafka: 2, "ottla-page-cache": 0.7, ottla: 1 }));
  assert.equal(met.outcome, "met");
  assert.equal(met.measured, 0.35);
  assert.equal(met.otherMode, 0.5);
  assert.equal(judge(target, medians({ kafka: 2, "ottla-page-cache": 0.71 })).outcome, "missed");
});

test("for a lower bound more is better", () => {
  const atLeast: Target = { ...target, bound: "at least", limit: 2 };
  assert.equal(judge(atLeast, medians({ kafka: 1, "ottla-page-cache": 2 })).outcome, "met");
  assert.equal(judge(atLeast, medians({ kafka: 1, "ottla-page-cache": 1.9 })).outcome, "missed");
});

test("an absolute target needs no other peer, a share of the floor needs the floor", () => {
  const absolute: Target = { ...target, against: "none", limit: 10 };
  assert.equal(judge(absolute, medians({ "ottla-page-cache": 9 })).outcome, "met");
  const share: Target = { ...target, against: "floor", bound: "at least", limit: 0.6 };
  assert.equal(judge(share, medians({ kafka: 1, "ottla-page-cache": 9 })).outcome, "not measured");
  assert.equal(judge(share, medians({ floor: 10, "ottla-page-cache": 9 })).outcome, "met");
});

test("without the load, the figure, the peer or the yardstick a target is not measured", () => {
  const missing: Medians[] = [
    {},
    { load: {} },
    medians({ kafka: 1 }),
    medians({ "ottla-page-cache": 1 }),
    medians({ kafka: Number.NaN, "ottla-page-cache": 1 }),
    medians({ kafka: 0, "ottla-page-cache": 1 }),
  ];
  for (const each of missing) {
    const { outcome, measured } = judge(target, each);
    assert.equal(outcome, "not measured");
    assert.equal(measured, null);
  }
});
