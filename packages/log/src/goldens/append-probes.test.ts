// Damaged and odd bytes of goldens/batches.jsonl: an append answers what Apache Kafka's leader and follower
// answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { AppendOutcome } from "../append/append-outcome.ts";
import type { PartitionLog } from "../partition-log.ts";
import { appendNow, LogWorld } from "../testing/log-world.ts";

interface Probe {
  readonly name: string;
  readonly kind: string;
  readonly hex: string;
  readonly append: { readonly code: string; readonly recordErrors?: readonly number[] } | null;
  readonly appended?: number;
  readonly appendFollower: { readonly code: string } | null;
}

const goldens = new URL("../../../protocol/goldens/batches.jsonl", import.meta.url);
const probes = readFileSync(goldens, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Probe)
  // No request carries messages of magic 0 or 1 any more (Produce 3 and up): the log refuses what Apache
  // Kafka would convert.
  .filter((probe) => probe.kind === "probe" && !/^v[01]-/.test(probe.name));

test("every probe is refused or taken by a leader as Apache Kafka does", () => {
  const world = openWorld();
  for (const probe of probes) {
    const log = world.log(probe.name);
    const outcome = appendNow(log, bytesOf(probe));
    assert.equal(codeOf(outcome), probe.append?.code ?? null, `${probe.name}: ${JSON.stringify(outcome)}`);
    if (outcome.kind === "refused") {
      const indexes = outcome.recordErrors.map((error) => error.batchIndex);
      assert.deepEqual(indexes, probe.append?.recordErrors ?? [], probe.name);
    } else assert.equal(log.logEndOffset, probe.appended, probe.name);
  }
});

test("every probe is refused or taken by a follower as Apache Kafka does", () => {
  const world = openWorld();
  for (const probe of probes) {
    const outcome = appendAsFollower(world.log(probe.name), bytesOf(probe));
    assert.equal(
      codeOf(outcome),
      probe.appendFollower?.code ?? null,
      `${probe.name}: ${JSON.stringify(outcome)}`,
    );
  }
});

function openWorld(): LogWorld {
  const world = new LogWorld({ startWallMs: 1_700_000_100_000 });
  world.open();
  return world;
}

function bytesOf(probe: Probe): Uint8Array {
  return new Uint8Array(Buffer.from(probe.hex, "hex"));
}

function codeOf(outcome: AppendOutcome): string | null {
  return outcome.kind === "refused" ? outcome.error.name : null;
}

function appendAsFollower(log: PartitionLog, records: Uint8Array): AppendOutcome {
  let outcome: AppendOutcome | null = null;
  log.appendAsFollower(records, (given) => {
    outcome = given;
  });
  assert.ok(outcome !== null);
  return outcome;
}
