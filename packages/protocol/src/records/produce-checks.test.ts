// Refusals that need a request version; the others are golden probes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { buildBatch } from "./batch-builder.ts";
import { produceRecordsProblem } from "./produce-checks.ts";

const record = { key: null, value: Uint8Array.of(1) };

test("records that are null, empty or cut are refused", () => {
  const batch = buildBatch({ records: [record] });
  for (const records of [null, new Uint8Array(0), batch.subarray(0, 40)]) {
    assert.equal(produceRecordsProblem(records, 12)?.error, "INVALID_RECORD");
  }
  assert.equal(produceRecordsProblem(batch, 3), null);
});

test("zstd needs Produce 7", () => {
  const batch = buildBatch({ compression: 4, records: [record] }, createNodeZip());
  assert.equal(produceRecordsProblem(batch, 6)?.error, "UNSUPPORTED_COMPRESSION_TYPE");
  assert.equal(produceRecordsProblem(batch, 7), null);
});
