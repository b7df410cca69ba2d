import assert from "node:assert/strict";
import { test } from "node:test";
import { Xoshiro128 } from "../xoshiro.ts";
import { runWhole } from "./slices.ts";
import { sortInPieces } from "./sort-in-pieces.ts";

test("texts sorted in pieces are as sorted at once", () => {
  const random = new Xoshiro128(5);
  for (const length of [0, 1, 511, 512, 513, 1024, 1700, 5000]) {
    const texts = Array.from({ length }, () => `t${random.below(3000)}`);
    assert.deepEqual(runWhole(sortInPieces(texts)), texts.toSorted());
  }
});
