import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiskDone } from "@ottla/ports";
import { SYNC_PATIENCE_MS, SYNCS_IN_FLIGHT_MAX, SYNCS_PATIENT_MIN } from "../limits.ts";
import { type Syncable, SyncQueue } from "./sync-queue.ts";

class Log implements Syncable {
  readonly isSyncNeeded = true;
  fileSyncedEndOffset = 1;
  syncs = 0;
  end: DiskDone = () => undefined;

  sync(done: DiskDone): void {
    this.syncs += 1;
    this.end = done;
  }
}

function queueOf(logs: number): { queue: SyncQueue<Log>; logs: Log[]; wait(ms: number): void } {
  let nowMs = 0;
  const clock = { wallMs: () => 0, monotonicMs: () => nowMs };
  const events = { synced: () => undefined, failed: () => undefined };
  const queue = new SyncQueue<Log>(clock, SYNCS_IN_FLIGHT_MAX, events, null);
  return {
    queue,
    logs: Array.from({ length: logs }, () => new Log()),
    wait(ms) {
      nowMs += ms;
    },
  };
}

function started(logs: readonly Log[]): number[] {
  return logs.map((log) => log.syncs);
}

test("a few syncs start at once, further ones for logs that have waited", () => {
  const { queue, logs, wait } = queueOf(6);
  for (const log of logs) queue.request(log);
  assert.deepEqual(started(logs), [1, 1, 0, 0, 0, 0]);
  assert.equal(SYNCS_PATIENT_MIN, 2);
  wait(SYNC_PATIENCE_MS);
  logs[0]?.end(null);
  assert.deepEqual(started(logs), [1, 1, 1, 1, 1, 0], "as many as may be in flight");
});

test("the end of one starts the next, and what came meanwhile joins it", () => {
  const { queue, logs } = queueOf(3);
  for (const log of [...logs, ...logs]) queue.request(log);
  assert.deepEqual(started(logs), [1, 1, 0]);
  logs[1]?.end(null);
  assert.deepEqual(started(logs), [1, 1, 1], "it waits longest");
  logs[0]?.end(null);
  logs[2]?.end(null);
  assert.deepEqual(started(logs), [2, 2, 1]);
  for (const log of logs) log.end(null);
  assert.equal(queue.isIdle, true);
});

test("new logs do not wait beside others in flight", () => {
  const { queue, logs } = queueOf(5);
  for (const log of logs) {
    log.fileSyncedEndOffset = 0;
    queue.request(log);
  }
  assert.deepEqual(started(logs), [1, 1, 1, 1, 0]);
});
