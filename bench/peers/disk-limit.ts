// What the disk under the data directories can do by itself, measured by the plainest program there is: the
// bound of every figure that waits for a disk, to be printed beside them.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ascending, percentile } from "../report/statistics.ts";
import { writeBack } from "./page-cache.ts";

/** Of one directory, at one time. */
export interface DiskLimit {
  /** Appends of 4 KiB, each followed by fdatasync. */
  readonly syncsPerSecond: number;
  readonly syncP50Ms: number;
  readonly syncP99Ms: number;
  /** The same where the file has its size already. */
  readonly syncsPerSecondPreallocated: number;
  /** Appends of 1 MiB into the page cache. */
  readonly pageCacheMBPerSecond: number;
  /** The same with the fdatasync at the end. */
  readonly diskMBPerSecond: number;
}

const mebibyte = Buffer.alloc(1 << 20, 0x61);
const page = mebibyte.subarray(0, 4096);

/** Takes some seconds; `mebibytes` are written for the throughput. */
export function measureDisk(mebibytes: number, seconds: number): DiskLimit {
  const directory = mkdtempSync(join(tmpdir(), "ottla-bench-disk-"));
  writeBack(directory);
  try {
    const bulk = openSync(join(directory, "bulk"), "w");
    const fromMs = performance.now();
    for (let at = 0; at < mebibytes; at++) writeSync(bulk, mebibyte);
    const cachedMs = performance.now() - fromMs;
    fdatasyncSync(bulk);
    const diskMs = performance.now() - fromMs;
    closeSync(bulk);
    const appended = syncTimes(join(directory, "appended"), seconds, 0);
    const preallocated = syncTimes(join(directory, "preallocated"), seconds, 64);
    const megabytes = (mebibytes * mebibyte.length) / 1e6;
    return {
      syncsPerSecond: 1000 / mean(appended),
      syncP50Ms: percentile(appended, 0.5),
      syncP99Ms: percentile(appended, 0.99),
      syncsPerSecondPreallocated: 1000 / mean(preallocated),
      pageCacheMBPerSecond: megabytes / (cachedMs / 1000),
      diskMBPerSecond: megabytes / (diskMs / 1000),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds of each append with its fdatasync, ascending. */
function syncTimes(file: string, seconds: number, preallocatedMebibytes: number): number[] {
  const fd = openSync(file, "w");
  for (let at = 0; at < preallocatedMebibytes; at++) writeSync(fd, mebibyte);
  fdatasyncSync(fd);
  const times: number[] = [];
  const limit = (preallocatedMebibytes * mebibyte.length) / page.length;
  const untilMs = performance.now() + seconds * 1000;
  let position = 0;
  while (performance.now() < untilMs) {
    const fromMs = performance.now();
    writeSync(fd, page, 0, page.length, position);
    fdatasyncSync(fd);
    times.push(performance.now() - fromMs);
    position += page.length;
    if (limit > 0 && position >= limit * page.length) position = 0;
  }
  closeSync(fd);
  return ascending(times);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
