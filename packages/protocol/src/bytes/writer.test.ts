import assert from "node:assert/strict";
import { test } from "node:test";
import { EncodeError } from "./encode-error.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

test("large byte fields become parts of their own, by reference", () => {
  const writer = new Writer(16);
  const batch = new Uint8Array(5000).fill(7);
  writer.int32(1);
  writer.byteArray(batch);
  writer.int32(2);
  const { parts, bytes } = writer.finish();
  assert.equal(bytes, 4 + 4 + 5000 + 4);
  assert.equal(parts.length, 3);
  assert.equal(parts[1], batch);
});

test("small byte fields are copied", () => {
  const writer = new Writer();
  const small = Uint8Array.of(1, 2, 3);
  writer.byteArray(small);
  small[0] = 9;
  assert.deepEqual(writer.toBytes(), Uint8Array.of(0, 0, 0, 3, 1, 2, 3));
});

test("growing keeps what was written, also after a part was closed", () => {
  const writer = new Writer(1);
  for (let value = 0; value < 100; value += 1) writer.int16(value);
  writer.raw(new Uint8Array(2000));
  for (let value = 0; value < 100; value += 1) writer.int16(value);
  assert.equal(writer.length, 2400);
  const reader = new Reader(writer.toBytes());
  for (let value = 0; value < 100; value += 1) assert.equal(reader.int16(), value);
  reader.skip(2000);
  for (let value = 0; value < 100; value += 1) assert.equal(reader.int16(), value);
});

test("a tagged field larger than 127 bytes gets a longer size, nested too", () => {
  const writer = new Writer(4);
  const outer = writer.beginTag(3);
  writer.int8(1);
  const inner = writer.beginTag(300);
  writer.raw(new Uint8Array(20_000).fill(5));
  writer.endTag(inner);
  writer.endTag(outer);
  const reader = new Reader(writer.toBytes());
  assert.equal(reader.uvarint(), 3);
  const outerEnd = reader.tagEnd();
  assert.equal(reader.int8(), 1);
  assert.equal(reader.uvarint(), 300);
  const innerEnd = reader.tagEnd();
  assert.deepEqual(reader.raw(innerEnd - reader.offset), new Uint8Array(20_000).fill(5));
  assert.equal(innerEnd, outerEnd);
  assert.equal(reader.remaining, 0);
});

test("a writer goes on with the next message without touching the one before", () => {
  const writer = new Writer(64);
  writer.int32(1);
  const first = writer.finish();
  writer.int32(2);
  const second = writer.finish();
  assert.deepEqual(first.parts, [Uint8Array.of(0, 0, 0, 1)]);
  assert.deepEqual(second.parts, [Uint8Array.of(0, 0, 0, 2)]);
});

test("a discarded message leaves nothing behind", () => {
  const writer = new Writer(64);
  writer.beginTag(1);
  writer.raw(new Uint8Array(30));
  writer.discard();
  writer.raw(new Uint8Array(2000));
  writer.int8(4);
  const { parts, bytes } = writer.finish();
  assert.equal(bytes, 2001);
  assert.deepEqual(parts[1], Uint8Array.of(4));
});

test("a string beyond 32767 bytes is an EncodeError", () => {
  const writer = new Writer();
  assert.throws(() => writer.string("x".repeat(32768)), EncodeError);
  assert.throws(() => writer.compactString("é".repeat(16384)), EncodeError);
  writer.string("x".repeat(32767));
});
