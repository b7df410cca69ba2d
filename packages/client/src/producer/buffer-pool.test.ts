import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferPool } from "./buffer-pool.ts";

function taken(pool: BufferPool, bytes: number): Uint8Array {
  const buffer = pool.take(bytes);
  assert.ok(buffer !== null);
  return buffer;
}

test("nothing is given above the bound, save one buffer alone", () => {
  const pool = new BufferPool(1000, 400);
  const large = taken(pool, 5000);
  assert.equal(pool.take(1), null);
  pool.give(large, true);
  assert.equal(pool.stockBytes, 0);
  taken(pool, 400);
  taken(pool, 400);
  assert.equal(pool.take(400), null);
  assert.equal(pool.availableBytes, 200);
});

test("a buffer given back is the next one of its size", () => {
  const pool = new BufferPool(1000, 400);
  const first = taken(pool, 400);
  pool.give(first, true);
  assert.equal(pool.availableBytes, 1000);
  assert.equal(taken(pool, 400), first);
  pool.give(first, false);
  assert.notEqual(taken(pool, 400), first);
});

test("stock and reserved bytes stay within the bound", () => {
  const pool = new BufferPool(1000, 100);
  for (const buffer of Array.from({ length: 10 }, () => taken(pool, 100))) pool.give(buffer, true);
  assert.equal(pool.stockBytes, 1000);
  taken(pool, 600);
  assert.ok(pool.stockBytes <= 400);
});
