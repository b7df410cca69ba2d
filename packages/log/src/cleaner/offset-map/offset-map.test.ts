import assert from "node:assert/strict";
import { test } from "node:test";
import { hashKey } from "./key-hash.ts";
import { OFFSET_MAP_SLOT_BYTES, OffsetMap } from "./offset-map.ts";

const encoder = new TextEncoder();

test("the hash is MurmurHash3 for 32-bit lanes", () => {
  const hash = new Int32Array(4);
  const text = encoder.encode("The quick brown fox jumps over the lazy dog");
  hashKey(text, 0, text.length, 0, hash);
  assert.deepEqual(
    [...hash].map((word) => (word >>> 0).toString(16).padStart(8, "0")),
    ["2f1583c3", "ecee2c67", "5d7bf66c", "e5e91d2c"],
  );
});

test("the last offset put for a key is the one that is found", () => {
  const map = new OffsetMap(1_000, { bytesMax: 1 << 20, loadFactor: 0.9 }, 42);
  for (let offset = 0; offset < 3_000; offset++) {
    const key = encoder.encode(`key-${offset % 1_000}`);
    map.put(key, 0, key.length, offset);
  }
  for (let key = 0; key < 1_000; key++) {
    const bytes = encoder.encode(`>key-${key}<`);
    assert.equal(map.get(bytes, 1, bytes.length - 1), 2_000 + key);
  }
  assert.equal(map.get(encoder.encode("other"), 0, 5), -1);
  assert.equal(map.size, 1_000);
  assert.equal(map.latestOffset, 2_999);
});

test("a map takes no more memory than its bound, and is full before its last slot", () => {
  const map = new OffsetMap(1_000_000, { bytesMax: 10 * OFFSET_MAP_SLOT_BYTES, loadFactor: 1 }, 0);
  assert.equal(map.slots, 10);
  for (let offset = 0; !map.isFull; offset++) map.put(Uint8Array.of(offset), 0, 1, offset);
  assert.equal(map.size, 9);
  assert.equal(map.get(Uint8Array.of(200), 0, 1), -1);
});
