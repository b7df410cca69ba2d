// The log on the machine's own file system: append, stop, kill without a stop, read everything back; and the
// files are Kafka's.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type BrokerConfig, defaultLogConfig } from "@ottla/config";
import { LogManager, type PartitionLog, type ReadResult, writeMetaProperties } from "@ottla/log";
import { createNodePorts, NotedLogger, type Ports, Slices } from "@ottla/ports";
import { batchEnd, buildBatch, type LeaderEpoch, type Offset, readRecords, type Uuid } from "@ottla/protocol";

const CLUSTER_ID = "b3R0bGEtdGVzdC0wMDAwMQ";
const TOPIC_ID = "s4j0XlGpTjyHpOHHUtEJ1A" as Uuid;
const config = defaultLogConfig({ segmentBytes: 200_000, indexIntervalBytes: 1000 });

test("everything durable is there after a stop without goodbye", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "ottla-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const ports = createNodePorts();
  writeMetaProperties(ports.disk, directory, { clusterId: CLUSTER_ID, nodeId: 1, directoryId: null }, "");
  const first = await open(ports, directory);
  const log = first.createLog({ topic: "events", topicId: TOPIC_ID, partition: 0, config });
  await appendMany(log, 0, 3_000);
  assert.equal(log.durableEndOffset, 3_000);
  // No close: the locks go, the files stay as they are.
  for (const used of first.directories) used.release();
  const second = await open(ports, directory);
  const reopened = second.log("events", 0);
  assert.ok(reopened !== null);
  assert.equal(reopened.logEndOffset, 3_000);
  assert.deepEqual(
    await readAll(ports, reopened),
    Array.from({ length: 3_000 }, (_, index) => `value ${index}`),
  );
  await appendMany(reopened, 3_000, 500);
  await new Promise<void>((resolve) => second.close(3, resolve));
  const names = readdirSync(join(directory, "events-0"));
  assert.ok(names.includes("00000000000000000000.log") && names.includes("leader-epoch-checkpoint"));
  assert.ok(readdirSync(directory).includes(".kafka_cleanshutdown"));
});

test("small appends that the logs' own files lost are put back from the sync journal", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "ottla-log-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const ports = createNodePorts();
  writeMetaProperties(ports.disk, directory, { clusterId: CLUSTER_ID, nodeId: 1, directoryId: null }, "");
  const manager = await open(ports, directory);
  const logs = Array.from({ length: 20 }, (_, index) =>
    manager.createLog({ topic: `topic${index}`, topicId: TOPIC_ID, partition: 0, config }),
  );
  const journal = join(directory, ".ottla_sync_journal");
  let appended = 0;
  const round = async (): Promise<void> => {
    await Promise.all(logs.map((log) => appendMany(log, appended, 10)));
    appended += 10;
  };
  while (!existsSync(journal)) await round();
  for (let more = 0; more < 60; more++) await round();
  assert.ok(logs.every((log) => log.fileSyncedEndOffset < log.durableEndOffset));
  for (const used of manager.directories) used.release();
  // As a power cut would: nothing that its own file did not sync is there.
  for (const log of logs) {
    const keptBytes = Math.floor((log.sizeInBytes * log.fileSyncedEndOffset) / log.logEndOffset);
    truncateSync(join(directory, `${log.topic}-0`, `${"0".repeat(20)}.log`), keptBytes);
  }
  const second = await open(ports, directory);
  for (const { topic } of logs) {
    const log = second.log(topic, 0);
    assert.ok(log !== null);
    assert.deepEqual(
      await readAll(ports, log),
      Array.from({ length: appended }, (_, index) => `value ${index}`),
    );
  }
  assert.equal(existsSync(journal), false);
  await new Promise<void>((resolve) => second.close(3, resolve));
});

function open(ports: Ports, directory: string): Promise<LogManager> {
  const broker: Partial<BrokerConfig> = {
    nodeId: 1,
    logDirs: [directory],
    syncJournalBytes: 1_048_576,
    producerIdExpirationMs: 86_400_000,
    producerIdExpirationCheckIntervalMs: 600_000,
    logRetentionCheckIntervalMs: 300_000,
    logInitialTaskDelayMs: 30_000,
  };
  return new Promise((resolve, reject) => {
    let manager: LogManager | null = null;
    LogManager.open(
      {
        slices: new Slices(ports),
        ports,
        config: broker as BrokerConfig,
        clusterId: CLUSTER_ID,
        requestTurnEnd: () => ports.turn.atEnd(() => manager?.flushDirty()),
        logger: new NotedLogger(),
        topicConfig: () => config,
      },
      (result) => {
        if (!(result instanceof LogManager)) {
          reject(result);
          return;
        }
        manager = result;
        resolve(result);
      },
    );
  });
}

/** Appends `count` records in batches of ten and waits until they are durable. */
function appendMany(log: PartitionLog, from: number, count: number): Promise<void> {
  return new Promise((resolve) => {
    log.listener = {
      written() {},
      failed: (_, error) => assert.fail(error),
      durable: () => {
        if (log.durableEndOffset === from + count) resolve();
      },
    };
    for (let index = from; index < from + count; index += 10) {
      const records = Array.from({ length: 10 }, (_, at) => ({
        timestamp: 1_735_689_600_000 + index + at,
        key: null,
        value: new TextEncoder().encode(`value ${index + at}`),
      }));
      log.appendAsLeader(
        buildBatch({ records }),
        { origin: "client", leaderEpoch: 4 as LeaderEpoch },
        (outcome) => {
          assert.equal(outcome.kind, "appended");
        },
      );
    }
  });
}

async function readAll(ports: Ports, log: PartitionLog): Promise<string[]> {
  const values: string[] = [];
  while (values.length < log.writtenEndOffset) {
    const result = await new Promise<ReadResult>((resolve) => {
      log.read(
        {
          offset: values.length as Offset,
          bytesMax: 150_000,
          atLeastOneBatch: true,
          upperBound: log.writtenEndOffset,
        },
        resolve,
      );
    });
    assert.ok(result.kind === "slice" && result.slice.bytes > 0);
    const bytes = new Uint8Array(Buffer.concat(result.slice.parts));
    result.slice.release();
    for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
      for (const record of readRecords(bytes, at, ports.zip)) {
        if (record.offset === values.length) values.push(new TextDecoder().decode(record.value ?? undefined));
      }
    }
  }
  return values;
}
