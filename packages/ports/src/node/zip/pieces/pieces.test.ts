// Data opened piece by piece: the same bytes, caps and refusals as at once, in pieces of bounded size.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Zip, type ZipCodec, ZipError } from "../../../zip.ts";
import { createNodeZip } from "../index.ts";
import { NO_NATIVES } from "../natives.ts";

const CODECS: readonly ZipCodec[] = ["gzip", "snappy-block", "lz4-frame", "zstd"];
const NATIVE = createNodeZip();
const ZIPS = [NATIVE, createNodeZip(NO_NATIVES)];
const MAX = 1 << 24;
const MIB = 1_048_576;

function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}

function text(length: number): Uint8Array {
  const random = noise(5000);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at % 7 < 5 ? 97 + (at % 11) : random[at % 5000]! % 16;
  return bytes;
}

interface Opened {
  readonly bytes: Uint8Array;
  readonly longest: number;
  readonly error: ZipError | null;
}

/** Everything that comes, and what it ended with. */
function open(zip: Zip, codec: ZipCodec, data: Uint8Array, bytesMax = MAX): Promise<Opened> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let longest = 0;
    const opening = zip.unzip(codec, data, bytesMax);
    const step = (piece: Uint8Array | null | ZipError): void => {
      if (piece instanceof Uint8Array) {
        assert.equal(piece.constructor, Uint8Array);
        assert.ok(piece.length > 0);
        longest = Math.max(longest, piece.length);
        pieces.push(piece.slice());
        opening.next(step);
        return;
      }
      opening.close();
      resolve({ bytes: new Uint8Array(Buffer.concat(pieces)), longest, error: piece });
    };
    opening.next(step);
  });
}

test("the pieces are the data, and none is large where the codec has parts", async () => {
  for (const data of [new Uint8Array(0), text(1), text(300), text(200_000), noise(MIB), text(9 * MIB)]) {
    for (const codec of CODECS) {
      for (const zip of ZIPS) {
        const { bytes, longest, error } = await open(zip, codec, NATIVE.compress(codec, data));
        assert.equal(error, null, `${codec} of ${data.length}`);
        assert.equal(Buffer.compare(bytes, data), 0, `${codec} of ${data.length}`);
        // LZ4 decodes whole blocks, of 4 MiB at most.
        const longestMax = (codec === "lz4-frame" ? 4 : 2) * MIB;
        if (codec !== "snappy-block") assert.ok(longest <= longestMax, `${codec}: a piece of ${longest}`);
      }
    }
  }
});

test("what passes the cap is refused, what reaches it is not", async () => {
  const bomb = new Uint8Array(3 * MIB);
  for (const codec of CODECS) {
    const packed = NATIVE.compress(codec, bomb);
    for (const zip of ZIPS) {
      const refused = await open(zip, codec, packed, 3 * MIB - 1);
      assert.equal(refused.error?.reason, "too-large", codec);
      assert.ok(refused.bytes.length < 3 * MIB, codec);
      assert.equal((await open(zip, codec, packed, 3 * MIB)).error, null, codec);
    }
  }
});

test("cut and flipped data ends as it does when it is opened at once", async () => {
  const data = text(5000);
  for (const codec of CODECS) {
    for (const zip of ZIPS) {
      const packed = zip.compress(codec, data);
      const cases: Uint8Array[] = [];
      for (let at = 0; at < packed.length; at += 1 + (at >>> 2)) {
        cases.push(packed.slice(0, at));
        const flipped = packed.slice();
        flipped[at]! ^= 1 << (at % 8);
        cases.push(flipped);
      }
      for (const damaged of cases) {
        const whole = await new Promise<Uint8Array | ZipError>((resolve) =>
          zip.decompressLater(codec, damaged, MAX, resolve),
        );
        const { bytes, error } = await open(zip, codec, damaged);
        if (whole instanceof ZipError) assert.equal(error?.reason, whole.reason, codec);
        else {
          assert.equal(error, null, codec);
          assert.deepEqual(bytes, whole, codec);
        }
      }
    }
  }
});

test("several members or frames are one body, up to a limit", async () => {
  const data = text(5000);
  for (const codec of ["gzip", "zstd"] as const) {
    const one = NATIVE.compress(codec, data);
    const { bytes, error } = await open(NATIVE, codec, Buffer.concat([one, one]));
    assert.equal(error, null);
    assert.deepEqual(bytes, Uint8Array.from([...data, ...data]));
    const many = Buffer.concat(Array.from({ length: 65 }, () => one));
    assert.equal((await open(NATIVE, codec, many)).error?.reason, "corrupt");
  }
});

test("a gzip length that lies and a wrong checksum are damage, found at the end", async () => {
  for (const fromEnd of [1, 5]) {
    const packed = NATIVE.compress("gzip", text(2 * MIB));
    packed[packed.length - fromEnd]! ^= 1;
    const { bytes, error } = await open(NATIVE, "gzip", packed);
    assert.equal(error?.reason, "corrupt");
    assert.equal(bytes.length, 2 * MIB);
  }
});

test("closing in the middle tells nothing more", async () => {
  for (const codec of CODECS) {
    const opening = NATIVE.unzip(codec, NATIVE.compress(codec, text(3 * MIB)), MAX);
    await new Promise<void>((resolve) => {
      opening.next(() => resolve());
    });
    opening.next(() => assert.fail(`${codec} goes on after its end`));
    opening.close();
    opening.close();
    await new Promise((resolve) => {
      NATIVE.compressLater(codec, text(MIB), undefined, resolve);
    });
  }
});

test("how much is held beside the pieces is known before", () => {
  const data = new Uint8Array(9 * MIB);
  const held = (codec: ZipCodec): number => NATIVE.unzip(codec, NATIVE.compress(codec, data), MAX).heldBytes;
  assert.equal(held("gzip"), 32_768);
  assert.equal(held("snappy-block"), data.length);
  assert.ok(held("zstd") <= 8 * MIB);
  assert.ok(held("lz4-frame") <= 4 * MIB);
});
