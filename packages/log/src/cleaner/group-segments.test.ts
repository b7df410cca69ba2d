import assert from "node:assert/strict";
import { test } from "node:test";
import { groupSegments } from "./group-segments.ts";

const BOUNDS = { segmentBytes: 100, segmentIndexBytes: 50, endOffset: 1_000 };

function segment(
  baseOffset: number,
  sizeInBytes: number,
  indexBytes = 0,
): Parameters<typeof groupSegments>[0][0] {
  return { baseOffset, sizeInBytes, offsetIndexBytes: indexBytes, timeIndexBytes: 0 };
}

test("neighbours join while they fit into one segment and its indexes", () => {
  assert.deepEqual(groupSegments([segment(0, 40), segment(10, 60), segment(20, 1)], BOUNDS), [2, 1]);
  assert.deepEqual(groupSegments([segment(0, 1, 30), segment(10, 1, 30)], BOUNDS), [1, 1]);
  assert.deepEqual(groupSegments([segment(0, 500), segment(10, 1)], BOUNDS), [1, 1]);
  assert.deepEqual(groupSegments([], BOUNDS), []);
});

test("offsets of a group span no more than an int32, but for segments without records", () => {
  const far = 0x8000_0000;
  assert.deepEqual(
    groupSegments([segment(0, 1), segment(far, 1)], { ...BOUNDS, endOffset: far + 5 }),
    [1, 1],
  );
  assert.deepEqual(groupSegments([segment(0, 1), segment(far, 0)], { ...BOUNDS, endOffset: far + 5 }), [2]);
});
