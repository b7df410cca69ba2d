import assert from "node:assert/strict";
import { test } from "node:test";
import { DiskError, FakeWorld } from "@ottla/ports";
import { MemoryDisk } from "./memory-disk.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function disk(): { disk: MemoryDisk; world: FakeWorld } {
  const world = new FakeWorld({ seed: 1 });
  return { disk: new MemoryDisk(world.node("n").ports), world };
}

function failsWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof DiskError && error.code === code;
}

test("what is written is read, also over gaps and after a cut", () => {
  const { disk: memory } = disk();
  memory.makeDirectory("/a/b");
  const file = memory.open("/a/b/f", "create");
  file.write([bytes(1, 2), bytes(3)], 0);
  file.write([bytes(9)], 5);
  assert.deepEqual([...memory.readFile("/a/b/f")], [1, 2, 3, 0, 0, 9]);
  file.truncate(2);
  file.truncate(4);
  assert.deepEqual([...memory.readFile("/a/b/f")], [1, 2, 0, 0]);
  const target = new Uint8Array(3);
  assert.equal(file.read(target, 3), 1);
  assert.equal(memory.status("/a/b/f")?.bytes, 4);
});

test("names are made, moved and removed, and refused where they must be", () => {
  const { disk: memory } = disk();
  memory.makeDirectory("/d");
  assert.throws(() => memory.open("/d/x", "read"), failsWith("ENOENT"));
  memory.open("/d/x", "write");
  assert.throws(() => memory.open("/d/x", "create"), failsWith("EEXIST"));
  assert.throws(() => memory.removeDirectory("/d"), failsWith("ENOTEMPTY"));
  memory.replaceFile("/d/y", bytes(7));
  memory.rename("/d/x", "/d/y");
  assert.deepEqual(memory.list("/d"), ["y"]);
  assert.equal(memory.status("/d/y")?.bytes, 0);
  memory.remove("/d/y");
  memory.removeDirectory("/d");
  assert.equal(memory.status("/d"), null);
});

test("a directory is locked once at a time", () => {
  const { disk: memory } = disk();
  memory.makeDirectory("/d");
  const lock = memory.lock("/d");
  assert.equal(memory.lock("/d"), null);
  lock?.release();
  assert.notEqual(memory.lock("/d"), null);
});

test("calls with done end in a later turn, the replacements of a path in order", () => {
  const { disk: memory, world } = disk();
  const ended: string[] = [];
  memory.makeDirectory("/d");
  memory.open("/d/f", "create").sync(() => ended.push("sync"));
  memory.replaceFileLater("/d/r", bytes(1), () => ended.push("first"));
  memory.replaceFileLater("/d/r", bytes(2), () => ended.push("second"));
  memory.removeLater("/d/none", (error) => ended.push(error?.code ?? "removed"));
  assert.deepEqual(ended, []);
  world.run({});
  assert.deepEqual(ended.toSorted(), ["ENOENT", "first", "second", "sync"]);
  assert.deepEqual([...memory.readFile("/d/r")], [2]);
});
