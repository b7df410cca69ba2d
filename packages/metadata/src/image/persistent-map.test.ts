import assert from "node:assert/strict";
import { test } from "node:test";
import { PersistentMap } from "./persistent-map.ts";

test("a change leaves the map it was made from as it was", () => {
  const one = PersistentMap.empty<string, number>().with("a", 1);
  const two = one.with("a", 2).with("__proto__", 3);
  assert.equal(one.get("a"), 1);
  assert.equal(one.has("__proto__"), false);
  assert.deepEqual([two.get("a"), two.get("__proto__"), two.size], [2, 3, 2]);
  assert.equal(two.without("missing"), two);
});

test("keys whose hashes collide are told apart", () => {
  // Equal FNV-1a hashes by construction are rare; numbers that agree in 32 bits are easy.
  const low = 7;
  const high = 7 + 2 ** 32;
  let map = PersistentMap.empty<number, string>().with(low, "low").with(high, "high");
  assert.deepEqual([map.get(low), map.get(high), map.size], ["low", "high", 2]);
  map = map.without(low);
  assert.deepEqual([map.get(low), map.get(high), map.size], [undefined, "high", 1]);
});

test("thousands of random changes agree with a Map", () => {
  const model = new Map<string, number>();
  let map = PersistentMap.empty<string, number>();
  let seed = 12345;
  const below = (bound: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % bound;
  };
  for (let step = 0; step < 20_000; step += 1) {
    const key = `topic-${below(3000)}`;
    if (below(3) === 0) {
      model.delete(key);
      map = map.without(key);
    } else {
      model.set(key, step);
      map = map.with(key, step);
    }
  }
  assert.equal(map.size, model.size);
  assert.deepEqual(new Map(map), model);
  for (const [key, value] of model) assert.equal(map.get(key), value);
  const rebuilt = PersistentMap.from([...model].sort());
  assert.deepEqual([...rebuilt.keys()], [...map.keys()], "order depends on the keys alone");
});
