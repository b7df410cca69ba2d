// Seeded damage to golden batches: whatever the bytes, readers answer with their named errors, in bounded
// time and memory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createNodeZip, Xoshiro128 } from "@ottla/ports";
import { updateBatchCrc } from "./batch-crc.ts";
import {
  BATCH_HEADER_BYTES,
  batchBaseTimestamp,
  batchMagic,
  batchSizeInBytes,
  MAGIC_V2,
} from "./batch-header.ts";
import { batchEnd, batchProblem } from "./batch-walk.ts";
import { produceRecordsProblem } from "./produce-checks.ts";
import { readRecords } from "./read-records.ts";
import { RecordsError } from "./records-error.ts";
import { validateBatchRecords } from "./validate-batch-records.ts";
import { createRecordWalk } from "./walk/record-walk.ts";

const ROUNDS = 40_000;
const BYTES_MAX = 1 << 20;
const SEED = 0x0771a;
const zip = createNodeZip();

const golden = readFileSync(new URL("../../goldens/batches.jsonl", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => Uint8Array.from(Buffer.from((JSON.parse(line) as { hex: string }).hex, "hex")))
  .filter((bytes) => bytes.length > 20);

function damaged(random: Xoshiro128): Uint8Array {
  let bytes = golden[random.below(golden.length)]!.slice(0, 8192);
  for (let change = random.below(4); change >= 0; change--) {
    const at = random.below(bytes.length);
    switch (random.below(6)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
        bytes.fill(random.below(2) * 255, at, at + 1 + random.below(8));
        break;
      case 3:
        bytes = bytes.slice(0, Math.max(1, at));
        break;
      case 4:
        bytes.copyWithin(at, random.below(bytes.length), bytes.length);
        break;
      default:
        // Damage to the body alone gets past the size and the magic.
        bytes[Math.min(bytes.length - 1, BATCH_HEADER_BYTES + random.below(40))] = random.below(256);
    }
  }
  return bytes;
}

/** Repairs length and CRC now and then, so that the damage reaches the records. */
function repair(bytes: Uint8Array): void {
  if (bytes.length < BATCH_HEADER_BYTES || batchMagic(bytes, 0) !== MAGIC_V2) return;
  new DataView(bytes.buffer).setInt32(8, bytes.length - 12);
  updateBatchCrc(bytes, 0);
}

function readAll(bytes: Uint8Array): number {
  let records = 0;
  const walk = createRecordWalk();
  for (let at = 0, next: number; (next = batchEnd(bytes, at, bytes.length)) > 0; at = next) {
    if (batchProblem(bytes, at) !== null) break;
    let readable: number | null = null;
    try {
      readable = readRecords(bytes, at, zip, BYTES_MAX).length;
      records += readable;
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error;
    }
    if (batchMagic(bytes, at) === MAGIC_V2) {
      const baseTimestamp = batchBaseTimestamp(bytes, at);
      const rules = { baseTimestamp, timestampMin: 0, timestampMax: 2e12, isKeyRequired: true };
      const isSound = validateBatchRecords(bytes, at, zip, BYTES_MAX, rules, walk);
      // Both readers agree, but for a batch that announces no records and has a body.
      if (readable !== null && readable > 0) {
        assert.ok(isSound, walk.problem?.message);
        assert.equal(walk.recordCount, readable);
      }
      if (isSound) assert.equal(readable, walk.recordCount);
      assert.ok(batchSizeInBytes(bytes, at) <= bytes.length);
    }
  }
  return records;
}

test("damaged batches give records or named errors, never anything else", () => {
  const random = new Xoshiro128(SEED);
  let records = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = damaged(random);
    if (random.below(4) !== 0) repair(bytes);
    try {
      produceRecordsProblem(bytes, 12);
      records += readAll(bytes);
    } catch (error) {
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      throw new Error(`seed ${SEED}, round ${round}: ${hex}`, { cause: error });
    }
  }
  assert.ok(records > 1000, "some damage must leave records readable");
});
