import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "./decode-error.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function readerOf(write: (writer: Writer) => void): Reader {
  const writer = new Writer(8);
  write(writer);
  return new Reader(writer.toBytes());
}

test("what a writer writes, a reader reads", () => {
  const reader = readerOf((writer) => {
    writer.int8(-1);
    writer.bool(true);
    writer.int16(-2);
    writer.uint16(65535);
    writer.int32(-3);
    writer.uint32(4294967295);
    writer.int64(-4n);
    writer.float64(0.5);
    writer.uvarint(4294967295);
    writer.varint(-2147483648);
    writer.varlong(-9223372036854775808n);
    writer.string("plain");
    writer.nullableString(null);
    writer.compactString("日本語");
    writer.compactNullableString(null);
  });
  assert.equal(reader.int8(), -1);
  assert.equal(reader.bool(), true);
  assert.equal(reader.int16(), -2);
  assert.equal(reader.uint16(), 65535);
  assert.equal(reader.int32(), -3);
  assert.equal(reader.uint32(), 4294967295);
  assert.equal(reader.int64(), -4n);
  assert.equal(reader.float64(), 0.5);
  assert.equal(reader.uvarint(), 4294967295);
  assert.equal(reader.varint(), -2147483648);
  assert.equal(reader.varlong(), -9223372036854775808n);
  assert.equal(reader.string(), "plain");
  assert.equal(reader.nullableString(), null);
  assert.equal(reader.compactString(), "日本語");
  assert.equal(reader.compactNullableString(), null);
  assert.equal(reader.remaining, 0);
});

test("a reader within a larger array stays within its bounds", () => {
  const bytes = Uint8Array.of(9, 9, 0, 0, 0, 7, 9, 9);
  const reader = new Reader(bytes.subarray(1), 1, 5);
  assert.equal(reader.int32(), 7);
  assert.throws(() => reader.int8(), DecodeError);
});

test("byte fields are views on the input", () => {
  const bytes = Uint8Array.of(0, 0, 0, 2, 5, 6);
  const field = new Reader(bytes).byteArray();
  assert.deepEqual(field, Uint8Array.of(5, 6));
  assert.equal(field.buffer, bytes.buffer);
});

test("a field that may not be null refuses a negative length", () => {
  const negative = new Uint8Array(4).fill(0xff);
  assert.throws(() => new Reader(negative).string(), DecodeError);
  assert.throws(() => new Reader(negative).byteArray(), DecodeError);
  assert.throws(() => new Reader(negative).arrayLength(1), DecodeError);
  const zero = new Uint8Array(4);
  assert.throws(() => new Reader(zero).compactString(), DecodeError);
  assert.throws(() => new Reader(zero).compactByteArray(), DecodeError);
  assert.throws(() => new Reader(zero).compactArrayLength(1), DecodeError);
});

test("any negative length of a nullable field is null", () => {
  const negative = Uint8Array.of(0x80, 0, 0, 0);
  assert.equal(new Reader(negative).nullableString(), null);
  assert.equal(new Reader(negative).nullableByteArray(), null);
  assert.equal(new Reader(negative).nullableArrayLength(1), -1);
});

test("a length beyond what remains is refused before anything is allocated", () => {
  const huge = readerOf((writer) => writer.int32(0x7fffffff));
  assert.throws(() => huge.byteArray(), DecodeError);
  const compact = readerOf((writer) => writer.uvarint(0xffffffff));
  assert.throws(() => compact.compactByteArray(), DecodeError);
  const text = readerOf((writer) => writer.int16(0x7fff));
  assert.throws(() => text.string(), DecodeError);
});

test("a compact string longer than 32767 bytes is refused, as in Kafka", () => {
  const reader = readerOf((writer) => {
    writer.uvarint(32769);
    writer.raw(new Uint8Array(32768));
  });
  assert.throws(() => reader.compactString(), DecodeError);
});

test("a count needs room for its elements", () => {
  const bytes = new Uint8Array(4 + 11);
  bytes[3] = 3;
  assert.throws(() => new Reader(bytes).arrayLength(4), DecodeError);
  bytes[3] = 2;
  assert.equal(new Reader(bytes).arrayLength(4), 2);
});

test("elements of all arrays of a message share one budget", () => {
  const bytes = new Uint8Array(100).fill(11);
  const reader = new Reader(bytes, 0, bytes.length, 25);
  assert.equal(reader.compactArrayLength(1), 10);
  assert.equal(reader.compactArrayLength(1), 10);
  assert.throws(() => reader.compactArrayLength(1), DecodeError);
});

test("no more than sixteen unknown tags are kept, and all are passed over", () => {
  const reader = readerOf((writer) => {
    writer.uvarint(20);
    for (let tag = 0; tag < 20; tag += 1) {
      writer.uvarint(tag);
      writer.uvarint(1);
      writer.int8(tag);
    }
    writer.int8(77);
  });
  assert.equal(reader.unknownTags()?.length, 16);
  assert.equal(reader.int8(), 77);
});

test("malformed UTF-8 in a string reads as replacement characters, and a byte order mark stays", () => {
  const malformed = readerOf((writer) => {
    writer.int16(3);
    writer.raw(Uint8Array.of(0x61, 0xff, 0x62));
  });
  assert.equal(malformed.string(), "a\ufffdb");
  assert.equal(readerOf((writer) => writer.string("\ufeffa")).string(), "\ufeffa");
});

test("sixteen zero bytes are the zero uuid, and a low half alone is not", () => {
  const bytes = new Uint8Array(16);
  assert.equal(new Reader(bytes).uuid(), "AAAAAAAAAAAAAAAAAAAAAA");
  bytes[7] = 1;
  assert.equal(new Reader(bytes).uuid(), "AAAAAAAAAAEAAAAAAAAAAA");
});
