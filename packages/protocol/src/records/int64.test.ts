// 64-bit integers in and out of bytes, within the safe range and beyond it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bigInt64At, int16At, int64At, setBigInt64, setInt16, setInt64 } from "./int64.ts";

const MAX = Number.MAX_SAFE_INTEGER;

test("int64 numbers survive a round trip up to the safe limits", () => {
  for (const value of [0, 1, -1, 255, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32), 2 ** 32 - 1, MAX, -MAX]) {
    const bytes = new Uint8Array(10);
    setInt64(bytes, 1, value);
    assert.equal(int64At(bytes, 1), value);
    assert.equal(bigInt64At(bytes, 1), BigInt(value));
    assert.equal(new DataView(bytes.buffer).getBigInt64(1), BigInt(value));
  }
});

test("int64 beyond the safe limits is exact as bigint and unsafe as number", () => {
  for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n) - 2n]) {
    const bytes = new Uint8Array(8);
    setBigInt64(bytes, 0, value);
    assert.equal(bigInt64At(bytes, 0), value);
    assert.ok(!Number.isSafeInteger(int64At(bytes, 0)));
  }
});

test("int16 is signed", () => {
  const bytes = new Uint8Array(2);
  for (const value of [0, 1, -1, 32767, -32768, 255, 256]) {
    setInt16(bytes, 0, value);
    assert.equal(int16At(bytes, 0), value);
  }
});
