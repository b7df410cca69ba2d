// Tests of what kafka-broker-api-versions prints.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiVersionsText } from "./api-versions-text.ts";

test("ranges that both know are usable, others are not, and nothing is left out", () => {
  const text = apiVersionsText([
    { apiKey: 0, minVersion: 0, maxVersion: 13 },
    { apiKey: 47, minVersion: 0, maxVersion: 0 },
    { apiKey: 3, minVersion: 90, maxVersion: 99 },
    { apiKey: 9999, minVersion: 1, maxVersion: 2 },
  ]);
  const lines = text.split("\n");
  assert.equal(lines[0], "(");
  assert.equal(lines[1], "\tProduce(0): 0 to 13 [usable: 13],");
  assert.ok(lines.includes("\tOffsetDelete(47): 0 [usable: 0],"));
  assert.ok(lines.includes("\tMetadata(3): 90 to 99 [unusable: node too new],"));
  assert.ok(lines.includes("\tFetch(1): UNSUPPORTED,"));
  assert.deepEqual(lines.slice(-3), ["\tUNKNOWN(9999): 1 to 2", ")", ""]);
});
