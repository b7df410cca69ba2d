// Reads stay on the loop while they are fast and few.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOP_READ_SHARE_MS, LOOP_READ_SLOW_MS, LOOP_READ_WINDOW_MS, LOOP_READS_OFF_MS } from "../limits.ts";
import { LoopReads } from "./loop-reads.ts";

function loopReads(): {
  reads: LoopReads;
  take(milliseconds: number): void;
  wait(milliseconds: number): void;
} {
  let nowMs = 0;
  const reads = new LoopReads({ wallMs: () => 0, monotonicMs: () => nowMs });
  return {
    reads,
    take(milliseconds) {
      assert.equal(reads.isOpen(), true);
      reads.run(() => (nowMs += milliseconds));
    },
    wait(milliseconds) {
      nowMs += milliseconds;
    },
  };
}

test("fast reads run on the loop until their share of a window is spent", () => {
  const { reads, take, wait } = loopReads();
  take(LOOP_READ_SHARE_MS / 2);
  assert.equal(reads.isOpen(), true);
  take(LOOP_READ_SHARE_MS / 2);
  assert.equal(reads.isOpen(), false);
  wait(LOOP_READ_WINDOW_MS);
  assert.equal(reads.isOpen(), true);
});

test("a slow read sends all reads to the pool for a while", () => {
  const { reads, take, wait } = loopReads();
  take(LOOP_READ_SLOW_MS + 1);
  wait(LOOP_READS_OFF_MS - 1);
  assert.equal(reads.isOpen(), false);
  wait(1);
  assert.equal(reads.isOpen(), true);
});

test("a read that throws counts as well", () => {
  const { reads, wait } = loopReads();
  assert.equal(reads.isOpen(), true);
  assert.throws(() =>
    reads.run(() => {
      wait(LOOP_READ_SLOW_MS + 1);
      throw new Error("read");
    }),
  );
  assert.equal(reads.isOpen(), false);
});
