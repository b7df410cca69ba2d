// Tests of the pool of read buffers: what is lent, kept and forgotten.
import assert from "node:assert/strict";
import { test } from "node:test";
import { READ_FREE_BYTES_MAX } from "../limits.ts";
import { ReadBufferPool } from "./read-buffer-pool.ts";

const MIB = 1024 * 1024;

test("a released buffer serves the next read of its size", () => {
  const pool = new ReadBufferPool();
  const first = pool.borrow(MIB);
  const memory = first.target.buffer;
  first.release();
  assert.equal(pool.lentBytes, 0);
  assert.equal(pool.borrow(MIB - 5).target.buffer, memory);
});

test("free buffers are kept up to the limit", () => {
  const pool = new ReadBufferPool();
  const count = Math.ceil(READ_FREE_BYTES_MAX / MIB) + 3;
  const slices = Array.from({ length: count }, () => pool.borrow(MIB));
  const before = new Set(slices.map((slice) => slice.target.buffer));
  for (const slice of slices) slice.release();
  const again = Array.from({ length: count }, () => pool.borrow(MIB).target.buffer);
  const reused = again.filter((memory) => before.has(memory)).length;
  assert.ok(reused < count && reused > count - 5, `${reused} of ${count}`);
});

test("a trim forgets what was free since the trim before, not what is in use between them", () => {
  const pool = new ReadBufferPool();
  const one = pool.borrow(MIB);
  const two = pool.borrow(MIB);
  const memories = [one.target.buffer, two.target.buffer];
  one.release();
  two.release();
  pool.trim();
  const busy = pool.borrow(MIB);
  const kept = busy.target.buffer;
  busy.release();
  pool.trim();
  assert.equal(pool.borrow(MIB).target.buffer, kept, "the busy one stays");
  assert.ok(!memories.includes(pool.borrow(MIB).target.buffer), "the idle one is gone");
});

test("the more is lent the less the next read may take, down to nothing beyond what it must", () => {
  const pool = new ReadBufferPool(16 * MIB);
  assert.equal(pool.allowanceBytes, 4 * MIB);
  const one = pool.borrow(4 * MIB);
  assert.ok(pool.allowanceBytes <= 3 * MIB && pool.allowanceBytes > 2 * MIB);
  const rest = pool.borrow(13 * MIB);
  assert.equal(pool.allowanceBytes, 0);
  one.release();
  rest.release();
  assert.equal(pool.allowanceBytes, 4 * MIB);
});
