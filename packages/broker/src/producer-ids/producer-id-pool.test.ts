import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorSpec, errors, type ProducerId } from "@ottla/protocol";
import { producerIdLimits } from "../limits.ts";
import { type ProducerIdBlock, ProducerIdPool } from "./producer-id-pool.ts";

function pool() {
  const asked: ((result: ProducerIdBlock | ErrorSpec) => void)[] = [];
  const ids = new ProducerIdPool((done) => asked.push(done));
  const given: (ProducerId | ErrorSpec)[] = [];
  const next = (): void => ids.next((result) => given.push(result));
  return { ids, asked, given, next };
}

test("producers wait for the first block and get its ids in order", () => {
  const { asked, given, next } = pool();
  next();
  next();
  assert.deepEqual(given, []);
  assert.equal(asked.length, 1);
  asked[0]?.({ start: 1000, length: 1000 });
  next();
  assert.deepEqual(given, [1000, 1001, 1002]);
});

test("the next block is asked for before the present one is used up", () => {
  const { asked, given, next } = pool();
  next();
  asked[0]?.({ start: 0, length: 10 });
  for (let count = 1; count < 9; count += 1) next();
  assert.equal(asked.length, 2);
  asked[1]?.({ start: 50, length: 10 });
  for (let count = 9; count < 12; count += 1) next();
  assert.deepEqual(given, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 51]);
});

test("more producers than a block has ids get the next block's", () => {
  const { asked, given, next } = pool();
  for (let count = 0; count < 5; count += 1) next();
  asked[0]?.({ start: 0, length: 3 });
  assert.deepEqual(given, [0, 1, 2]);
  asked[1]?.({ start: 7, length: 3 });
  assert.deepEqual(given, [0, 1, 2, 7, 8]);
});

test("a refused block makes those who wait try again, and the next one asks anew", () => {
  const { asked, given, next } = pool();
  next();
  asked[0]?.(errors.STALE_BROKER_EPOCH);
  assert.deepEqual(given, [errors.COORDINATOR_LOAD_IN_PROGRESS]);
  next();
  asked[1]?.({ start: 3, length: 1 });
  assert.equal(given[1], 3);
});

test("the queue for ids is bounded", () => {
  const { given, next } = pool();
  for (let count = 0; count <= producerIdLimits.waitingMax; count += 1) next();
  assert.deepEqual(given, [errors.COORDINATOR_LOAD_IN_PROGRESS]);
});
