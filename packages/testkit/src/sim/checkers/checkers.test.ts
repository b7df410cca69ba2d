// Tests of the checkers: each names its anomaly in a history made for it, and none complains of a clean one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryEvent } from "../history.ts";
import { checkHistory } from "./checkers.ts";

const key = "t-0";
function send(process: string, type: "invoke" | "ok", values: number[], offset: number | null): HistoryEvent {
  return { f: "send", type, process, key, values, offset, timeMs: 0 };
}
function sent(process: string, values: number[], offset: number): HistoryEvent[] {
  return [send(process, "invoke", values, null), send(process, "ok", values, offset)];
}
function poll(process: string, ...records: [offset: number, value: number][]): HistoryEvent {
  return {
    f: "poll",
    process,
    key,
    from: records[0]?.[0] ?? 0,
    next: (records.at(-1)?.[0] ?? -1) + 1,
    askedMs: 0,
    records: records.map(([offset, value]) => ({ offset, value, timestampMs: value * 10 })),
    timeMs: 0,
  };
}
const assign: HistoryEvent = { f: "assign", process: "c1", key, position: 0, timeMs: 0 };
const probe = sent("probe", [99], 3);
const written = [...sent("p1", [1, 2], 0), ...sent("p2", [3], 2), ...probe];
const finalRead = poll("final", [0, 1], [1, 2], [2, 3], [3, 99]);

function named(history: readonly HistoryEvent[]): string[] {
  return [...new Set(checkHistory(history).map((anomaly) => anomaly.checker))];
}

test("a clean history has no anomaly", () => {
  assert.deepEqual(checkHistory([...written, assign, poll("c1", [0, 1], [1, 2], [2, 3]), finalRead]), []);
});

test("an acknowledged value that the final read lacks is lost", () => {
  assert.ok(named([...written, poll("final", [0, 1], [1, 2], [3, 99])]).includes("no-acked-record-lost"));
});

test("two values at one offset are told", () => {
  assert.ok(named([...written, poll("c1", [0, 3]), finalRead]).includes("one-record-per-offset"));
});

test("a value at two offsets is a duplicate", () => {
  const twice = poll("final", [0, 1], [1, 2], [2, 3], [3, 99], [4, 3]);
  assert.deepEqual(named([...written, twice]), ["no-duplicate-record"]);
});

test("values of one producer out of order are told", () => {
  const history = [
    send("p1", "invoke", [1], null),
    send("p1", "invoke", [2], null),
    ...probe,
    poll("final", [1, 2], [2, 1], [3, 99]),
  ];
  assert.deepEqual(named(history), ["producer-order-kept"]);
});

test("a consumer that jumps or goes back is told", () => {
  assert.deepEqual(named([...written, assign, poll("c1", [0, 1], [2, 3]), finalRead]), ["gapless-reads"]);
  assert.deepEqual(named([...written, assign, poll("c1", [0, 1]), poll("c1", [0, 1]), finalRead]), [
    "gapless-reads",
  ]);
});

test("a key without a probe at the end does not serve", () => {
  assert.deepEqual(named([...sent("p1", [1], 0), poll("final", [0, 1])]), ["serves-again"]);
});

test("a record that a consumer read and the final read lacks is told", () => {
  assert.deepEqual(named([...written, send("p1", "invoke", [7], null), poll("c1", [4, 7]), finalRead]), [
    "no-read-record-lost",
  ]);
});

test("a look-up that does not name the first record of its time is told", () => {
  const lookup = (offset: number): HistoryEvent => ({
    f: "lookup",
    process: "c1",
    key,
    timestampMs: 15,
    offset,
    timeMs: 0,
  });
  assert.deepEqual(named([...written, lookup(1), finalRead]), []);
  assert.deepEqual(named([...written, lookup(2), finalRead]), ["lookups-by-time"]);
  assert.deepEqual(named([...written, lookup(-1), finalRead]), ["lookups-by-time"]);
});

test("a topic whose id changes is told", () => {
  const topic = (type: "created" | "seen", topicId: string): HistoryEvent => ({
    f: "topic",
    type,
    process: "admin",
    topic: "t",
    topicId,
    timeMs: 0,
  });
  assert.deepEqual(named([...written, topic("created", "A"), topic("seen", "B"), finalRead]), [
    "created-topic-kept",
  ]);
});
