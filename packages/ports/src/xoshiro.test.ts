// The generator behind all randomness that is no secret.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Xoshiro128 } from "./xoshiro.ts";

const draw = (seed: number) => {
  const random = new Xoshiro128(seed);
  return Array.from({ length: 8 }, () => random.uint32());
};

test("the same seed gives the same numbers, another seed gives others", () => {
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.notDeepEqual(draw(7), draw(7 + 2 ** 32));
  assert.notDeepEqual(draw(0), [0, 0, 0, 0, 0, 0, 0, 0]);
});

test("a bounded draw stays below its bound and reaches every value", () => {
  const random = new Xoshiro128(1);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 5000; i++) {
    const value = random.below(5);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  assert.equal(counts.length, 5);
  for (const count of counts) assert.ok(count > 850 && count < 1150, `skewed: ${counts.join()}`);
  assert.equal(random.below(1), 0);
  assert.ok(random.below(2 ** 32) < 2 ** 32);
});

test("a bound that is no integer in range is refused", () => {
  const random = new Xoshiro128(1);
  for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) {
    assert.throws(() => random.below(bound), RangeError);
  }
});

test("random bytes have the length asked for and use all values", () => {
  const random = new Xoshiro128(3);
  for (const length of [0, 1, 3, 4, 5]) assert.equal(random.bytes(length).length, length);
  assert.equal(new Set(random.bytes(10_000)).size, 256);
});
