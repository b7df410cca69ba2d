import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionLimits } from "../limits.ts";
import { mergeParts } from "./merge-parts.ts";

test("small parts become one, large ones stay the views they are", () => {
  const large = new Uint8Array(connectionLimits.mergedPartBytesMax);
  const [first, second, third, ...rest] = mergeParts([
    Uint8Array.of(1),
    Uint8Array.of(),
    Uint8Array.of(2, 3),
    large,
    Uint8Array.of(4),
  ]);
  assert.deepEqual(first, Uint8Array.of(1, 2, 3));
  assert.equal(second, large);
  assert.deepEqual(third, Uint8Array.of(4));
  assert.deepEqual(rest, []);
});
