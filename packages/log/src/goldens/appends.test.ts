// Every scenario of goldens/appends.jsonl against one log: results, ends and bytes as Apache Kafka's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { LogConfig } from "@ottla/config";
import { createNodeZip } from "@ottla/ports";
import { batchEnd, type LeaderEpoch, type Offset, readRecords } from "@ottla/protocol";
import type { AppendOutcome } from "../append/append-outcome.ts";
import type { PartitionLog } from "../partition-log.ts";
import { LogWorld, readFrom, takeBytes } from "../testing/log-world.ts";

interface GoldenStep {
  readonly as: "leader" | "follower";
  readonly origin: string;
  readonly leaderEpoch: number;
  readonly transactionVersion?: number;
  readonly hex: string;
  readonly result: {
    readonly firstOffset?: number;
    readonly lastOffset?: number;
    readonly maxTimestamp?: number;
    readonly logAppendTime?: number;
    readonly code?: string;
    readonly recordErrors?: readonly number[];
  };
  readonly logEndOffset: number;
  readonly lastStableOffset: number;
}

interface GoldenAppend {
  readonly name: string;
  readonly config: Readonly<Record<string, string | number>>;
  readonly clock: number;
  readonly logStartOffset: number;
  readonly steps: readonly GoldenStep[];
  readonly bytesReproducible: boolean;
  readonly logHex: string;
  readonly batches: readonly { readonly records: readonly GoldenRecord[] }[];
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[];
}

interface GoldenRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null | object;
}

const goldens = new URL("../../../protocol/goldens/appends.jsonl", import.meta.url);
const scenarios = readFileSync(goldens, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as GoldenAppend);

for (const scenario of scenarios) {
  test(`${scenario.name}: appended as Apache Kafka does`, () => {
    const world = new LogWorld({ config: configOf(scenario.config), startWallMs: scenario.clock });
    world.open();
    const log = world.log();
    if (scenario.logStartOffset > 0) log.truncateFullyAndStartAt(scenario.logStartOffset as Offset);
    // The clock of the scenario stands still.
    const clock = { ...world.ports.clock, wallMs: () => scenario.clock };
    Object.assign(world.ports, { clock });
    for (const step of scenario.steps) {
      const outcome = appendStep(log, step);
      world.world.run({ until: () => log.durableEndOffset === log.logEndOffset });
      log.updateHighWatermark(log.logEndOffset);
      assertOutcome(outcome, step);
      assert.equal(log.logEndOffset, step.logEndOffset);
      assert.equal(log.lastStableOffset, step.lastStableOffset);
    }
    const bytes = wholeLog(world, log);
    if (scenario.bytesReproducible) assert.equal(Buffer.from(bytes).toString("hex"), scenario.logHex);
    assertRecords(bytes, scenario);
    assert.deepEqual(
      log.abortedTransactions(log.logStartOffset, log.logEndOffset),
      scenario.abortedTransactions.map(({ producerId, firstOffset }) => ({ producerId, firstOffset })),
    );
  });
}

function configOf(config: GoldenAppend["config"]): Partial<LogConfig> {
  const names: Record<string, keyof LogConfig> = {
    "message.timestamp.type": "messageTimestampType",
    "compression.type": "compressionType",
    "message.timestamp.after.max.ms": "messageTimestampAfterMaxMs",
    "message.timestamp.before.max.ms": "messageTimestampBeforeMaxMs",
    "max.message.bytes": "maxMessageBytes",
  };
  const fields = Object.entries(config).map(([name, value]) => {
    if (name === "cleanup.policy") return ["cleanupCompact", String(value).includes("compact")] as const;
    const field = names[name];
    assert.ok(field !== undefined, `no field for ${name}`);
    return [field, value] as const;
  });
  return Object.fromEntries(fields) as Partial<LogConfig>;
}

function appendStep(log: PartitionLog, step: GoldenStep): AppendOutcome {
  const records = new Uint8Array(Buffer.from(step.hex, "hex"));
  let outcome: AppendOutcome | null = null;
  const done = (given: AppendOutcome): void => {
    outcome = given;
  };
  if (step.as === "follower") log.appendAsFollower(records, done);
  else {
    const origin = step.origin === "CLIENT" ? "client" : "coordinator";
    log.appendAsLeader(
      records,
      {
        origin,
        leaderEpoch: step.leaderEpoch as LeaderEpoch,
        transactionVersion: step.transactionVersion ?? 0,
      },
      done,
    );
  }
  assert.ok(outcome !== null);
  return outcome;
}

function assertOutcome(outcome: AppendOutcome, step: GoldenStep): void {
  const { result } = step;
  if (result.code !== undefined) {
    assert.equal(outcome.kind === "refused" ? outcome.error.name : outcome.kind, result.code);
    if (outcome.kind !== "refused") return;
    assert.deepEqual(
      outcome.recordErrors.map((error) => error.batchIndex),
      result.recordErrors ?? [],
    );
    return;
  }
  assert.ok(outcome.kind !== "refused", JSON.stringify(outcome));
  assert.equal(outcome.firstOffset, result.firstOffset);
  assert.equal(outcome.lastOffset, result.lastOffset);
  assert.equal(outcome.logAppendTimeMs, result.logAppendTime);
  if (outcome.kind === "appended") assert.equal(outcome.maxTimestamp, result.maxTimestamp);
}

function wholeLog(world: LogWorld, log: PartitionLog): Uint8Array {
  return takeBytes(readFrom(world, log, { offset: log.logStartOffset, bytesMax: 10_000_000 }));
}

function assertRecords(bytes: Uint8Array, scenario: GoldenAppend): void {
  const expected = scenario.batches.flatMap((batch) =>
    batch.records.map(({ offset, timestamp, key }) => ({ offset, timestamp, key })),
  );
  const found: object[] = [];
  for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
    for (const record of readRecords(bytes, at, createNodeZip())) {
      const key = record.key === null ? null : Buffer.from(record.key).toString("base64");
      found.push({ offset: record.offset, timestamp: record.timestamp, key });
    }
  }
  assert.deepEqual(found, expected);
}
