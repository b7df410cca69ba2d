import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import { FileCache } from "./file-cache.ts";
import { OffsetIndex } from "./offset-index.ts";
import { TimeIndex } from "./time-index.ts";

const ENTRIES = 3000;

function files(): FileCache {
  const { disk } = new FakeWorld({ seed: 1 }).node("n").ports;
  disk.makeDirectory("/d");
  return new FileCache(disk, 10);
}

test("an index that lost a part of its middle does not ascend, whole ones do", () => {
  const cache = files();
  const timeFile = cache.file("/d/0.timeindex");
  const offsetFile = cache.file("/d/0.index");
  const times = new TimeIndex(0, timeFile);
  const offsets = new OffsetIndex(0, offsetFile);
  assert.ok(times.ascends() && offsets.ascends(), "without entries");
  for (let index = 1; index <= ENTRIES; index++) {
    times.maybeAppend(1000 + index, index);
    offsets.append(index, index * 70);
  }
  times.flush();
  offsets.flush();
  assert.ok(times.ascends() && offsets.ascends());
  const sector = new Uint8Array(512);
  timeFile.opened().write([sector], 512 * 20);
  offsetFile.opened().write([sector], 512 * 20);
  assert.ok(times.load() && offsets.load(1_000_000), "the newest entry tells nothing of it");
  assert.equal(times.ascends(), false);
  assert.equal(offsets.ascends(), false);
});
