import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUuid, randomUuid, uuidFromBytes, ZERO_UUID } from "./uuid.ts";

test("a random uuid is of version 4 and never starts with a dash", () => {
  const tries = [new Uint8Array(16).fill(0xf8), new Uint8Array(16).fill(0xfb), new Uint8Array(16).fill(0x12)];
  const uuid = randomUuid(() => tries.shift() ?? new Uint8Array(16));
  const expected = new Uint8Array(16).fill(0x12);
  expected[6] = 0x42;
  expected[8] = 0x92;
  assert.equal(uuid, uuidFromBytes(expected));
});

test("what is no uuid parses to null", () => {
  for (const text of ["", "AAAA", "A".repeat(23), `${"A".repeat(21)}+`, `${"A".repeat(21)}é`]) {
    assert.equal(parseUuid(text), null);
  }
  assert.equal(parseUuid("A".repeat(22)), ZERO_UUID);
});
