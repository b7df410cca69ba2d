// Looking for a record by time in a batch, whatever its body takes to open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { buildBatch, COMPRESSION_NONE, COMPRESSION_ZSTD, type LeaderEpoch } from "@ottla/protocol";
import type { AppendOutcome } from "../append/append-outcome.ts";
import { LogWorld } from "../testing/log-world.ts";
import type { TimestampResult } from "./timestamp-offset.ts";

const zip = createNodeZip();
const start = 1_700_000_000_000;

function find(world: LogWorld, timestampMs: number): TimestampResult {
  const results: TimestampResult[] = [];
  world.log().offsetForTimestamp(timestampMs, (result) => results.push(result));
  world.settle();
  assert.equal(results.length, 1);
  return results[0] as TimestampResult;
}

for (const compression of [COMPRESSION_NONE, COMPRESSION_ZSTD]) {
  test(`a record is found in a body of many megabytes, codec ${compression}`, () => {
    const world = new LogWorld({ startWallMs: start, config: { maxMessageBytes: 20_000_000 } });
    world.open();
    const value = new Uint8Array(1000).fill(7);
    const records = Array.from({ length: 5000 }, (_, index) => ({
      key: null,
      value,
      timestamp: start + index,
    }));
    const outcomes: AppendOutcome[] = [];
    const batch = buildBatch({ records, compression }, zip);
    const options = { origin: "client", leaderEpoch: 0 as LeaderEpoch } as const;
    world.log().appendAsLeader(batch, options, (outcome) => outcomes.push(outcome));
    world.settle();
    assert.equal(outcomes[0]?.kind, "appended");
    for (const index of [0, 1, 2500, 4999]) {
      const result = find(world, start + index);
      assert.deepEqual(result, {
        kind: "found",
        found: { offset: index, timestamp: start + index, leaderEpoch: 0 },
      });
    }
    const none = find(world, start + 5000);
    assert.deepEqual(none.kind === "found" ? none.found.offset : none, -1);
  });
}
