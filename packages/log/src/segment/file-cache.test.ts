// Tests of the open files of logs: how many there are, and what happens when the system has no descriptor
// left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Disk, DiskError, FakeWorld } from "@ottla/ports";
import { FileCache, openLogFilesMax } from "./file-cache.ts";

function diskOf(): Disk {
  const { disk } = new FakeWorld({ seed: 1 }).node("n").ports;
  disk.makeDirectory("/d");
  return disk;
}

test("the file used longest ago is closed for the next one", () => {
  const cache = new FileCache(diskOf(), 3);
  const files = Array.from({ length: 10 }, (_, index) => cache.file(`/d/${index}`));
  for (const file of files) file.opened();
  assert.equal(cache.openFiles, 3);
  files[0]?.opened();
  assert.equal(cache.openFiles, 3);
});

test("without a descriptor left others are closed for a file; without any other it fails", () => {
  const disk = diskOf();
  let isShort = false;
  let opened = 0;
  const short: Disk = Object.create(disk, {
    open: {
      value: (path: string, mode: "write") => {
        if (isShort && cache.openFiles > opened - 16) throw new DiskError("open", path, "EMFILE");
        return disk.open(path, mode);
      },
    },
  }) as Disk;
  const cache = new FileCache(short, 100);
  for (let index = 0; index < 40; index++) cache.file(`/d/${index}`).opened();
  opened = cache.openFiles;
  isShort = true;
  cache.file("/d/next").opened();
  assert.equal(cache.openFiles, 25);
  const bare = new FileCache(
    Object.create(disk, {
      open: {
        value: (path: string) => {
          throw new DiskError("open", path, "EMFILE");
        },
      },
    }) as Disk,
    100,
  );
  assert.throws(() => bare.file("/d/1").opened(), { code: "EMFILE" });
});

test("logs take a share of the files that a process may open", () => {
  assert.deepEqual([10, 256, 1024, 1_000_000].map(openLogFilesMax), [16, 64, 256, 16_384]);
});
