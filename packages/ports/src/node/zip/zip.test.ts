// The real Zip, with native codecs and without: round trips, caps, damage, trailing bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ZipCodec, ZipError } from "../../zip.ts";
import { createNodeZip } from "./index.ts";
import { NO_NATIVES } from "./natives.ts";
import { xxHash32 } from "./xxhash32.ts";

const CODECS: readonly ZipCodec[] = ["gzip", "snappy-block", "lz4-frame", "zstd"];
const NATIVE = createNodeZip();
const PURE = createNodeZip(NO_NATIVES);
const MAX = 1 << 22;

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** Contents that meet each path: nothing, too short to compress, runs, text, noise, many blocks. */
function contents(): Uint8Array[] {
  let state = 12345;
  const random = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  };
  const noise = Uint8Array.from({ length: 100_000 }, random);
  const words = Uint8Array.from({ length: 300_000 }, (_, i) => (i % 7 < 5 ? 97 + (i % 11) : random() % 16));
  const short = [0, 1, 3, 4, 5, 11, 12, 13, 17, 64, 65, 300].map((length) =>
    words.slice(1000, 1000 + length),
  );
  return [
    ...short,
    new Uint8Array(200_000).fill(7),
    words,
    noise,
    words.slice(0, 65_536),
    noise.slice(0, 70),
  ];
}

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ZipError, String(error));
    return error.reason;
  }
  return "none";
}

test("every codec gives back what it compressed, native and pure reading each other", () => {
  for (const data of contents()) {
    for (const codec of CODECS) {
      for (const writer of [NATIVE, PURE]) {
        for (const reader of [NATIVE, PURE]) {
          const packed = writer.compress(codec, data);
          const back = reader.decompress(codec, packed, MAX);
          assert.deepEqual(back, data, `${codec} of ${data.length} bytes`);
          assert.equal(back.constructor, Uint8Array);
        }
      }
    }
  }
});

test("the asynchronous calls give the same bytes, in a later turn", async () => {
  for (const data of contents()) {
    for (const codec of CODECS) {
      for (const zip of [NATIVE, PURE]) {
        let isLater = false;
        const packed = await new Promise<Uint8Array | ZipError>((resolve) => {
          zip.compressLater(codec, data, undefined, (result) => {
            assert.ok(isLater);
            resolve(result);
          });
          isLater = true;
        });
        assert.ok(packed instanceof Uint8Array);
        const back = await new Promise((resolve) => zip.decompressLater(codec, packed, MAX, resolve));
        assert.deepEqual(back, data);
      }
    }
  }
});

test("more output than the cap is refused, on both doors", async () => {
  const bomb = new Uint8Array(1_000_000);
  for (const codec of CODECS) {
    for (const zip of [NATIVE, PURE]) {
      const packed = zip.compress(codec, bomb);
      assert.equal(
        reasonOf(() => zip.decompress(codec, packed, 999_999)),
        "too-large",
        codec,
      );
      const result = await new Promise((resolve) => zip.decompressLater(codec, packed, 999_999, resolve));
      assert.ok(result instanceof ZipError && result.reason === "too-large");
      assert.equal(zip.decompress(codec, packed, 1_000_000).length, 1_000_000);
    }
  }
});

test("cut and flipped data is an error or other bytes, never anything else", async () => {
  const data = contents().at(-4)!.slice(0, 5000);
  for (const codec of CODECS) {
    for (const zip of [NATIVE, PURE]) {
      const packed = zip.compress(codec, data);
      for (let at = 0; at < packed.length; at += 1 + (at >>> 5)) {
        assert.equal(
          reasonOf(() => zip.decompress(codec, packed.subarray(0, at), MAX)),
          codec === "zstd" && at === 0 ? "none" : "corrupt",
          `${codec} cut to ${at}`,
        );
        const flipped = packed.slice();
        flipped[at]! ^= 1 << (at % 8);
        const sync = reasonOf(() => zip.decompress(codec, flipped, MAX));
        const later = await new Promise((resolve) => zip.decompressLater(codec, flipped, MAX, resolve));
        assert.equal(later instanceof ZipError ? later.reason : "none", sync);
      }
    }
  }
});

test("bytes behind the end are ignored by gzip and lz4 and refused by zstd", () => {
  const data = contents().at(-1)!;
  for (const zip of [NATIVE, PURE]) {
    for (const codec of ["gzip", "lz4-frame"] as const) {
      const longer = Buffer.concat([zip.compress(codec, data), hex("01020304")]);
      assert.deepEqual(zip.decompress(codec, longer, MAX), data);
    }
    const longer = Buffer.concat([zip.compress("zstd", data), hex("01020304")]);
    assert.equal(
      reasonOf(() => zip.decompress("zstd", longer, MAX)),
      "corrupt",
    );
  }
});

test("several members or frames are one body, up to a limit", () => {
  const data = contents().at(-1)!;
  for (const codec of ["gzip", "zstd"] as const) {
    const one = NATIVE.compress(codec, data);
    assert.deepEqual(
      NATIVE.decompress(codec, Buffer.concat([one, one]), MAX),
      Uint8Array.from([...data, ...data]),
    );
    const many = Buffer.concat(Array.from({ length: 65 }, () => one));
    assert.equal(
      reasonOf(() => NATIVE.decompress(codec, many, MAX)),
      "corrupt",
    );
  }
});

test("a damaged gzip or zstd body still gives what came before", () => {
  const data = contents().at(-1)!;
  const gzip = NATIVE.compress("gzip", data);
  gzip[gzip.length - 5]! ^= 1;
  const zstd = Buffer.concat([NATIVE.compress("zstd", data), hex("28b5")]);
  for (const [codec, bytes] of [
    ["gzip", gzip],
    ["zstd", zstd],
  ] as const) {
    assert.throws(
      () => NATIVE.decompress(codec, bytes, MAX),
      (error: ZipError) => error.decoded !== null && Buffer.compare(error.decoded, data) === 0,
    );
  }
});

test("a snappy preamble that announces what its input cannot hold is refused before it is allocated", () => {
  for (const zip of [NATIVE, PURE]) {
    assert.equal(
      reasonOf(() => zip.decompress("snappy-block", hex("ffffff7f00"), 2 ** 30)),
      "corrupt",
    );
  }
});

test("lz4 frames with linked blocks, checksums and content size are read", () => {
  // Two linked blocks; the second copies from the first.
  const header = [0x04, 0x22, 0x4d, 0x18, 0x40, 0x40];
  const checksum = (xxHash32(Uint8Array.from(header), 4, 6) >>> 8) & 0xff;
  const first = [0x50, 0x61, 0x62, 0x63, 0x64, 0x65];
  const second = [0x01, 0x05, 0x00, 0x50, 0x76, 0x77, 0x78, 0x79, 0x7a];
  const frame = [...header, checksum, 6, 0, 0, 0, ...first, 9, 0, 0, 0, ...second, 0, 0, 0, 0];
  assert.equal(
    new TextDecoder().decode(PURE.decompress("lz4-frame", Uint8Array.from(frame), 100)),
    "abcdeabcdevwxyz",
  );
});

test("xxHash32 matches the reference values", () => {
  const text = new TextEncoder().encode("Nobody inspects the spammish repetition");
  assert.equal(xxHash32(text, 0, 0), 0x02cc5d05);
  assert.equal(xxHash32(text, 0, text.length), 0xe2293b2f);
});
