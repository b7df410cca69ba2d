import assert from "node:assert/strict";
import { test } from "node:test";
import { fromOffset, type Offset, toOffset, toTimestampMs } from "./offset.ts";

test("64-bit values convert up to 2^53 - 1 either way and are null beyond", () => {
  assert.equal(toOffset(9007199254740991n), 9007199254740991);
  assert.equal(toOffset(-9007199254740991n), -9007199254740991);
  assert.equal(toOffset(9007199254740992n), null);
  assert.equal(toTimestampMs(-9223372036854775808n), null);
  assert.equal(fromOffset(9007199254740991 as Offset), 9007199254740991n);
});
