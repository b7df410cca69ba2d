// Codecs, their Kafka framing and caps, on the loop and off it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { SNAPPY_BLOCK_BYTES } from "../limits.ts";
import { RecordsError } from "../records-error.ts";
import {
  COMPRESSION_LZ4,
  COMPRESSION_SNAPPY,
  compressBody,
  compressBodyLater,
  decompressBody,
  decompressBodyLater,
} from "./compression.ts";

const zip = createNodeZip();
const MAX = 1 << 20;
const text = Uint8Array.from({ length: 3 * SNAPPY_BLOCK_BYTES + 7 }, (_, i) => 97 + ((i * i) % 13));

function errorOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    assert.ok(error instanceof RecordsError, String(error));
    return error.error;
  }
}

function later(start: (done: (result: unknown) => void) => void): Promise<unknown> {
  return new Promise(start);
}

test("both doors of every codec give back what went in", async () => {
  for (const body of [new Uint8Array(0), text.slice(0, 10), text]) {
    for (const codec of [0, 1, 2, 3, 4]) {
      const packed = compressBody(codec, body, zip);
      assert.deepEqual(decompressBody(codec, 2, packed, zip, MAX), body);
      const packedLater = await later((done) => compressBodyLater(codec, body, zip, undefined, done));
      assert.ok(packedLater instanceof Uint8Array);
      assert.deepEqual(
        await later((done) => decompressBodyLater(codec, 2, packedLater, zip, MAX, done)),
        body,
      );
    }
  }
});

test("snappy is written in xerial blocks and read raw, framed and concatenated", () => {
  const framed = compressBody(COMPRESSION_SNAPPY, text, zip);
  assert.equal(new TextDecoder("latin1").decode(framed.subarray(0, 8)), "\u201aSNAPPY\0");
  const raw = zip.compress("snappy-block", text);
  assert.deepEqual(decompressBody(COMPRESSION_SNAPPY, 2, raw, zip, MAX), text);
  const twice = new Uint8Array(2 * framed.length);
  twice.set(framed);
  twice.set(framed, framed.length);
  assert.equal(decompressBody(COMPRESSION_SNAPPY, 2, twice, zip, MAX).length, 2 * text.length);
});

test("the cap holds over all snappy blocks together", () => {
  const framed = compressBody(COMPRESSION_SNAPPY, text, zip);
  assert.equal(
    errorOf(() => decompressBody(COMPRESSION_SNAPPY, 2, framed, zip, text.length - 1)),
    "MESSAGE_TOO_LARGE",
  );
  assert.equal(decompressBody(COMPRESSION_SNAPPY, 2, framed, zip, text.length).length, text.length);
});

test("an lz4 frame with linked blocks is refused, as Kafka's consumers could not read it", () => {
  const frame = compressBody(COMPRESSION_LZ4, text, zip).slice();
  frame[4]! &= ~0x20;
  assert.equal(
    errorOf(() => decompressBody(COMPRESSION_LZ4, 2, frame, zip, MAX)),
    "UNKNOWN_SERVER_ERROR",
  );
});

test("the wrong header checksum of lz4 is accepted in magic 0 only", () => {
  const frame = compressBody(COMPRESSION_LZ4, text, zip).slice();
  frame[6]! ^= 0x55;
  assert.deepEqual(decompressBody(COMPRESSION_LZ4, 0, frame, zip, MAX), text);
  for (const magic of [1, 2]) {
    assert.equal(
      errorOf(() => decompressBody(COMPRESSION_LZ4, magic, frame, zip, MAX)),
      "UNKNOWN_SERVER_ERROR",
    );
  }
});

test("unknown codecs and damaged framing are answered on both doors", async () => {
  const cut = compressBody(COMPRESSION_SNAPPY, text, zip).subarray(0, 100);
  for (const [codec, body] of [
    [5, text],
    [7, text],
    [2, cut],
    [2, new Uint8Array(0)],
    [3, new Uint8Array(0)],
  ] as const) {
    assert.equal(
      errorOf(() => decompressBody(codec, 2, body, zip, MAX)),
      "UNKNOWN_SERVER_ERROR",
    );
    const result = await later((done) => decompressBodyLater(codec, 2, body, zip, MAX, done));
    assert.ok(result instanceof RecordsError);
  }
});
