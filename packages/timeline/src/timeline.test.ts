// Snapshots, commits and reverts by example. Against a naive model: timeline-model.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SnapshotRegistry } from "./snapshot-registry.ts";
import { TimelineCell } from "./timeline-cell.ts";
import { TimelineMap } from "./timeline-map.ts";
import { TimelineSet } from "./timeline-set.ts";

test("a reader at the committed snapshot does not see what is only appended", () => {
  const registry = new SnapshotRegistry();
  const map = new TimelineMap<string, number>(registry);
  map.set("a", 1);
  registry.snapshot(10);
  registry.commit(10);
  map.set("a", 2);
  map.set("b", 3);
  registry.snapshot(11);
  map.delete("a");
  assert.equal(registry.committedOffset, 10);
  assert.deepEqual([map.get("a"), map.get("a", 11), map.get("a", 10)], [undefined, 2, 1]);
  assert.deepEqual([map.has("b"), map.has("b", 10)], [true, false]);
  assert.deepEqual([...map.entries(10)], [["a", 1]]);
  assert.deepEqual([...map.keys(11)].toSorted(), ["a", "b"]);
  assert.deepEqual([map.size, map.sizeAt(11), map.sizeAt(10)], [1, 2, 1]);
  registry.commit(11);
  assert.equal(map.get("a", registry.committedOffset), 2);
});

test("reverting takes back what came after the snapshot, in every structure", () => {
  const registry = new SnapshotRegistry(4);
  const map = new TimelineMap<string, string>(registry);
  const set = new TimelineSet<number>(registry);
  const cell = new TimelineCell(registry, "new");
  map.set("__proto__", "x");
  set.add(1);
  registry.snapshot(5);
  map.clear();
  set.delete(1);
  set.add(2);
  cell.set("newer");
  registry.snapshot(7);
  cell.set("newest");
  assert.equal(registry.hasOpenChanges, true);
  assert.equal(registry.revertTo(6), 5);
  assert.equal(registry.hasOpenChanges, false);
  assert.deepEqual([...map], [["__proto__", "x"]]);
  assert.deepEqual([...set], [1]);
  assert.equal(cell.get(), "new");
  registry.snapshot(6);
  assert.equal(registry.revertTo(4), 4);
  assert.deepEqual([map.size, set.size], [0, 0]);
});

test("a commit between two snapshots commits the lower one", () => {
  const registry = new SnapshotRegistry(0);
  const cell = new TimelineCell(registry, 0);
  for (const offset of [3, 6, 9]) {
    cell.set(offset);
    registry.snapshot(offset);
  }
  registry.commit(8);
  assert.deepEqual([registry.committedOffset, registry.newestOffset], [6, 9]);
  assert.equal(cell.get(registry.committedOffset), 6);
  assert.equal(cell.get(8), 6);
  registry.commit(2);
  assert.equal(registry.committedOffset, 6);
  registry.commit(100);
  assert.deepEqual([registry.committedOffset, registry.newestOffset], [9, 9]);
});

test("offsets that were given up or never rise are refused", () => {
  const registry = new SnapshotRegistry(5);
  const map = new TimelineMap<string, number>(registry);
  registry.snapshot(7);
  assert.throws(() => registry.snapshot(7), RangeError);
  assert.throws(() => registry.snapshot(8.5), RangeError);
  registry.commit(7);
  assert.throws(() => map.get("a", 6), RangeError);
  assert.throws(() => map.sizeAt(Number.NaN), RangeError);
  assert.throws(() => registry.revertTo(6), RangeError);
  assert.throws(() => registry.commit(Number.POSITIVE_INFINITY), RangeError);
});

test("a value that is undefined is a value", () => {
  const registry = new SnapshotRegistry();
  const map = new TimelineMap<string, undefined>(registry);
  map.set("a", undefined);
  registry.snapshot(0);
  map.delete("a");
  assert.deepEqual([map.has("a"), map.has("a", 0), map.has("a", -1)], [false, true, false]);
  registry.revertTo(0);
  assert.equal(map.has("a"), true);
});

test("a structure made after a snapshot is empty there, and reverting past its birth is harmless", () => {
  const registry = new SnapshotRegistry();
  const groups = new TimelineMap<string, TimelineSet<string>>(registry);
  registry.snapshot(1);
  const members = new TimelineSet<string>(registry);
  groups.set("g", members);
  members.add("m");
  registry.snapshot(2);
  assert.equal(members.has("m", 1), false);
  assert.equal(members.sizeAt(1), 0);
  registry.revertTo(1);
  assert.equal(groups.has("g"), false);
  assert.equal(members.size, 0);
});
