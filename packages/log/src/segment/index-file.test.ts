import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import { int32At, setInt32 } from "@ottla/protocol";
import { FileCache } from "./file-cache.ts";
import { IndexFile } from "./index-file.ts";

const ENTRY_BYTES = 8;

/** An index of the even numbers below twice `entries`, so many of them not yet in its file. */
function indexOf(entries: number, waiting: number): { index: IndexFile; reads: () => number } {
  const { disk } = new FakeWorld({ seed: 1 }).node("n").ports;
  disk.makeDirectory("/d");
  const file = new FileCache(disk, 10).file("/d/0.index");
  const index = new IndexFile(file, ENTRY_BYTES);
  for (let entry = 0; entry < entries; entry++) {
    if (entry === entries - waiting) index.flush();
    setInt32(index.append(), 0, entry * 2);
  }
  if (waiting === 0) index.flush();
  let reads = 0;
  const opened = file.opened();
  const read = opened.read.bind(opened);
  opened.read = (target, position) => {
    reads += 1;
    return read(target, position);
  };
  return { index, reads: () => reads };
}

function find(index: IndexFile, number: number): number {
  return index.findLast((bytes, at) => int32At(bytes, at) <= number);
}

test("a search finds what a look at every entry finds, wherever the last one ended", () => {
  const { random } = new FakeWorld({ seed: 7 }).node("n").ports;
  for (const entries of [0, 1, 2, 511, 512, 513, 1024, 5000]) {
    for (const waiting of [0, Math.min(entries, 3), entries]) {
      const { index } = indexOf(entries, waiting);
      for (const number of [-1, 0, 1, entries * 2 - 2, entries * 2, -1]) {
        const expected = Math.min(Math.floor(number / 2), entries - 1);
        assert.equal(find(index, number), expected, `${number} among ${entries}`);
      }
      for (let turn = 0; turn < 200; turn++) {
        const number = random.below(entries * 2 + 2);
        assert.equal(find(index, number), Math.min(Math.floor(number / 2), entries - 1));
      }
    }
  }
});

test("who reads on costs one read, and one after a cut is right too", () => {
  const { index, reads } = indexOf(100_000, 0);
  find(index, 1000);
  const before = reads();
  for (let number = 1000; number < 3000; number += 100) find(index, number);
  assert.equal(reads() - before, 20);
  find(index, 190_000);
  index.cutTo(600);
  assert.equal(find(index, 190_000), 599);
  assert.equal(find(index, 1), 0);
});
