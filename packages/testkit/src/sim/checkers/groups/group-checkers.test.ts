// Tests of the checkers of groups: each names its anomaly in a history made for it, and none complains of a
// clean one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupEvent, GroupFacts, GroupHistory } from "../../group-history.ts";
import type { HistoryEvent } from "../../history.ts";
import { groupCheckers } from "./group-checkers.ts";

const group = "g";
const key = "t-0";
const facts: GroupFacts = {
  retentionMs: 60_000,
  isUnconsumed: () => false,
  memberGroups: [group],
  forgottenGroup: null,
};
const crash: HistoryEvent = { f: "node", type: "crash", process: "broker", timeMs: 0 };

interface Who {
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId?: string;
}

function identity({ memberId, generation, instanceId }: Who) {
  return { process: memberId, group, memberId, generation, instanceId: instanceId ?? null };
}
function join(who: Who, invokedAt: number): GroupEvent {
  return { f: "join", ...identity(who), invokedAt, timeMs: 0 };
}
function sync(who: Who, invokedAt: number, keys: string[] = [key]): GroupEvent {
  return { f: "sync", ...identity(who), keys, sessionMs: 1000, invokedAt, invokedMs: 0, timeMs: 0 };
}
function heartbeat(who: Who, invokedAt: number): GroupEvent {
  return { f: "heartbeat", ...identity(who), sessionMs: 1000, invokedAt, invokedMs: 0, timeMs: 0 };
}
function commit(who: Who, id: number, offset: number, ...types: ("invoke" | "ok" | "fail")[]): GroupEvent[] {
  return types.map((type) => ({
    f: "commit",
    type,
    ...identity(who),
    id,
    offsets: [[key, offset]],
    timeMs: 0,
  }));
}
function read(invokedAt: number, ...found: [string, number, number][]): GroupEvent {
  return { f: "offsets", process: "a", group, asked: [key], found, invokedAt, timeMs: 0 };
}
function owners(...of: { process: string; generation: number; keys: string[] }[]): GroupEvent {
  return { f: "owners", process: "crew", group, partitions: [key], owners: of, timeMs: 0 };
}

const a: Who = { memberId: "a", generation: 1 };
const b: Who = { memberId: "b", generation: 2 };
const whole = owners({ process: "a", generation: 1, keys: [key] });

function named(history: GroupHistory, with_: Partial<GroupFacts> = {}): string[] {
  const anomalies = groupCheckers.flatMap((check) => check(history, { ...facts, ...with_ }));
  return [...new Set(anomalies.map(({ checker }) => checker))];
}

test("a clean history of a group has no anomaly", () => {
  const first = [join(a, 0), sync(a, 1), ...commit(a, 1, 5, "invoke", "ok"), read(4, [key, 5, 1])];
  const second = [
    crash,
    join(b, 6),
    sync(b, 7),
    ...commit(b, 2, 9, "invoke", "ok"),
    read(10, [key, 9, 2]),
    whole,
  ];
  assert.deepEqual(named([...first, ...second]), []);
});

test("an acknowledged offset that is told to be none has vanished", () => {
  const history = [sync(a, 0), ...commit(a, 1, 5, "invoke", "ok"), crash, read(4), whole];
  assert.deepEqual(named(history), ["committed-offset-kept"]);
});

test("an offset may be none after its deletion, and after its expiry", () => {
  const committed = [sync(a, 0), ...commit(a, 1, 5, "invoke", "ok"), heartbeat(a, 3)];
  const deletion = (type: "invoke" | "ok"): GroupEvent => ({
    f: "delete",
    type,
    process: "x",
    id: 9,
    group,
    keys: [key],
    timeMs: 0,
  });
  assert.deepEqual(named([...committed, deletion("invoke"), deletion("ok"), read(6), whole]), []);
  const late: GroupEvent = { ...(read(4) as GroupEvent & { f: "offsets" }), timeMs: 70_000 };
  assert.deepEqual(named([...committed, late, whole]), []);
  const jump: GroupEvent = { f: "clock", process: "broker", jumpMs: 90_000, timeMs: 10 };
  const early: GroupEvent = { ...(read(5) as GroupEvent & { f: "offsets" }), timeMs: 20 };
  assert.deepEqual(named([...committed, jump, early, whole]), ["committed-offset-kept"]);
});

test("an offset that was replaced and is told again has gone back", () => {
  const both = [...commit(a, 1, 5, "invoke", "ok"), ...commit(a, 2, 9, "invoke", "ok")];
  assert.deepEqual(named([sync(a, 0), ...both, read(5, [key, 5, 1]), whole]), [
    "committed-offset-never-back",
  ]);
  const seen = [...commit(a, 1, 5, "invoke", "ok"), ...commit(a, 2, 9, "invoke"), read(4, [key, 9, 2])];
  assert.deepEqual(named([sync(a, 0), ...seen, crash, read(6, [key, 5, 1]), whole]), [
    "committed-offset-never-back",
  ]);
});

test("an offset whose commit was refused is never told", () => {
  const history = [sync(a, 0), ...commit(a, 1, 5, "invoke", "fail"), read(3, [key, 5, 1]), whole];
  assert.deepEqual(named(history), ["committed-offset-never-back"]);
});

test("a member that begins before what is committed is told", () => {
  const later: Who = { memberId: "b", generation: 1 };
  const history = [...commit(a, 1, 9, "invoke", "ok"), ...commit(later, 2, 5, "invoke", "ok"), whole];
  assert.deepEqual(named(history), ["commits-follow-positions"]);
});

test("one partition with two members in a generation is told", () => {
  assert.deepEqual(named([sync(a, 0), sync({ memberId: "b", generation: 1 }, 0), whole]), [
    "disjoint-assignments",
  ]);
});

test("a generation that goes back is told, and a commit in it", () => {
  const zombie = commit(a, 2, 6, "invoke", "ok");
  const both = [...commit(a, 1, 5, "invoke", "ok"), sync(b, 2), join(a, 3), ...zombie, whole];
  assert.deepEqual(named(both), ["generations-rise", "no-commit-of-old-generation"]);
});

test("a static member that was replaced and still heartbeats is told", () => {
  const former: Who = { memberId: "a", generation: 1, instanceId: "i" };
  const present: Who = { memberId: "b", generation: 1, instanceId: "i" };
  const replaced = [join(former, 0), sync(former, 1), join(present, 2), sync(present, 3)];
  assert.deepEqual(named([...replaced, heartbeat(present, 4), whole]), []);
  assert.deepEqual(named([...replaced, heartbeat(former, 4), whole]), ["fenced-member-silent"]);
  // While the group loads, everybody's heartbeat is answered.
  assert.deepEqual(named([...replaced, crash, heartbeat(former, 5), whole]), []);
});

test("a partition without a member at the end is told, and one with two", () => {
  assert.deepEqual(named([owners({ process: "a", generation: 1, keys: [] })]), ["covered-by-one-member"]);
  const twice = ["a", "b"].map((process) => ({ process, generation: 1, keys: [key] }));
  assert.deepEqual(named([owners(...twice)]), ["covered-by-one-member"]);
});

test("an acknowledged record that no member was given is told", () => {
  const timeMs = 0;
  const send: HistoryEvent = { f: "send", type: "ok", process: "p", key, values: [1, 2], offset: 0, timeMs };
  const consume: GroupEvent = { f: "consume", process: "a", group, key, values: [1], timeMs };
  assert.deepEqual(named([send, consume, whole]), ["group-reads-everything"]);
});

test("an offset that nobody uses and that stays is told", () => {
  const simple = commit({ memberId: "", generation: -1 }, 1, 5, "invoke", "ok");
  const history = [...simple, read(2, [key, 5, 1])];
  const expiring = { forgottenGroup: group, memberGroups: [] };
  assert.deepEqual(named(history, expiring), ["unused-offsets-expire"]);
});
