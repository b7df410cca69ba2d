// Tests of the checkers for topics whose records go: each names its anomaly in a history made for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTombstone, keyNumber } from "../../clients/value-records.ts";
import type { HistoryEvent } from "../../history.ts";
import { checkHistory } from "../checkers.ts";
import type { TrimRules } from "./trim-rules.ts";

const key = "t-0";
const KEYS = 2;
const compacted: TrimRules = {
  isCompacted: true,
  keys: KEYS,
  deleteRetentionMs: 1000,
  retentionMs: -1,
  hasSizeRetention: false,
  hasDeletions: false,
};
const deleted: TrimRules = { ...compacted, isCompacted: false, hasDeletions: true };

const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
const ofKey = numbers.filter((number) => keyNumber(number, KEYS) === 0);
const [first = 0, second = 0, third = 0] = ofKey.filter((number) => !isTombstone(number, KEYS));
const tombstone = ofKey.find((number) => isTombstone(number, KEYS)) ?? 0;

function sent(value: number, offset: number, timeMs = 0, process = `p${value}`): HistoryEvent[] {
  const common = { f: "send", process, key, values: [value] } as const;
  return [
    { ...common, type: "invoke", offset: null, timeMs },
    { ...common, type: "ok", offset, timeMs },
  ];
}

function read(
  process: string,
  from: number,
  next: number,
  timeMs: number,
  ...found: [number, number][]
): HistoryEvent {
  const records = found.map(([offset, value]) => ({ offset, value, timestampMs: 0 }));
  return { f: "poll", process, key, from, next, askedMs: timeMs, records, timeMs };
}

function start(offset: number, timeMs: number): HistoryEvent {
  return { f: "log-start", process: "final", key, offset, askedMs: timeMs, timeMs };
}

function deletion(type: "invoke" | "ok", offset: number, timeMs: number): HistoryEvent {
  return { f: "delete-records", type, process: "d", key, offset, timeMs };
}

function named(rules: TrimRules, ...history: (HistoryEvent | HistoryEvent[])[]): string[] {
  const probe = sent(third, 2, 0, "probe");
  return [...new Set(checkHistory([probe, ...history].flat(), rules).map(({ checker }) => checker))];
}

const last: [number, number] = [2, third];

test("a value may go when a later one of its key was sent, the last one may not", () => {
  assert.deepEqual(named(compacted, sent(first, 0), read("final", 0, 3, 9000, last)), []);
  const early = read("c1", 0, 2, -1);
  assert.deepEqual(named(compacted, sent(first, 0), early, read("final", 0, 3, 9000, last)), [
    "holes-are-superseded",
  ]);
  const gone = named({ ...compacted, keys: 0 }, read("final", 0, 3, 9000));
  assert.deepEqual(gone, ["holes-are-superseded", "last-value-kept"]);
});

test("a tombstone stays for its time, and nothing older outlives it", () => {
  const history = [...sent(first, 0), ...sent(tombstone, 1)];
  const alone = (...found: HistoryEvent[]): string[] => {
    const anomalies = checkHistory([...history, ...found], compacted).map(({ checker }) => checker);
    return anomalies.filter((checker) => checker !== "serves-again");
  };
  assert.deepEqual(alone(read("final", 0, 2, 2000)), []);
  assert.deepEqual(alone(read("final", 0, 2, 500)), ["holes-are-superseded"]);
  assert.deepEqual(alone(read("final", 0, 2, 2000, [0, first])), ["last-value-kept"]);
  assert.deepEqual(alone(read("final", 0, 1, 500, [0, first]), read("final", 1, 2, 2000)), []);
});

test("deleted records come back to nobody, and no log start goes back", () => {
  const history = [...sent(first, 0), ...sent(second, 1), deletion("invoke", 1, 10), deletion("ok", 1, 20)];
  const good = [start(1, 30), read("final", 1, 3, 40, [1, second], last)];
  assert.deepEqual(named(deleted, history, good), []);
  assert.deepEqual(named(deleted, history, good, start(0, 50)), ["deleted-for-good"]);
  assert.deepEqual(named(deleted, history, read("c1", 0, 1, 50, [0, first]), good), ["deleted-for-good"]);
});

test("a log start that nobody moved is told", () => {
  const history = [
    ...sent(first, 0),
    ...sent(second, 1),
    start(1, 30),
    read("final", 1, 3, 40, [1, second], last),
  ];
  assert.deepEqual(named({ ...deleted, hasDeletions: false }, history), ["deleted-for-good"]);
});

test("records younger than their retention do not go", () => {
  const rules = { ...deleted, hasDeletions: false, retentionMs: 1000 };
  const after = (timeMs: number): HistoryEvent[] => [start(2, timeMs), read("final", 2, 3, timeMs + 1, last)];
  assert.deepEqual(named(rules, sent(first, 0), after(1500)), []);
  assert.deepEqual(named(rules, sent(first, 0), after(500)), ["nothing-goes-early"]);
});

test("a record above the log start that the final read lacks is gone", () => {
  const history = [...sent(first, 0), ...sent(second, 1), read("final", 0, 3, 40, [0, first], last)];
  assert.ok(named(deleted, history).includes("last-value-kept"));
});
