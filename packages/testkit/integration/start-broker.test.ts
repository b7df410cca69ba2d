// The broker that users start in their tests, over real sockets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodePorts, NetworkError } from "@ottla/ports";
import { checkHistory } from "../src/sim/checkers/checkers.ts";
import { SimAdmin } from "../src/sim/clients/sim-admin.ts";
import type { SimClientContext, Target } from "../src/sim/clients/sim-client.ts";
import { SimConsumer } from "../src/sim/clients/sim-consumer.ts";
import { SimProducer } from "../src/sim/clients/sim-producer.ts";
import type { HistoryEvent } from "../src/sim/history.ts";
import { startBroker } from "../src/start-broker.ts";

const BATCHES = 200;

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve));
}

test("a test gets a whole broker of its own, writes to it, reads from it and ends it", async () => {
  const broker = await startBroker({ settings: { "num.partitions": "3" } });
  assert.equal(broker.bootstrap, `127.0.0.1:${broker.port}`);
  const history: HistoryEvent[] = [];
  const ports = createNodePorts();
  const context = (process: string): SimClientContext => ({
    ports,
    host: broker.host,
    port: broker.port,
    process,
    record: (event) => history.push(event),
    nowMs: () => ports.clock.monotonicMs(),
    requestTimeoutMs: 10_000,
    mayLoseRecords: () => false,
  });
  const admin = new SimAdmin(context("admin"));
  let targets: readonly Target[] = [];
  admin.create({ name: "events", partitions: 3, configs: new Map() }, (found) => {
    targets = found;
  });
  await until(() => targets.length === 3);
  let value = 0;
  const work = {
    targets,
    pauseMsMax: 0,
    recordsPerBatchMax: 5,
    paddingBytesMax: 300,
    codecs: [0, 1],
    largeOneIn: 20,
  };
  const nextValue = (): number => ++value;
  const producers = ["p1", "p2"].map(
    (name) => new SimProducer(context(name), { ...work, batchCount: BATCHES, produceVersion: 12, nextValue }),
  );
  await until(() => producers.every(({ isDone }) => isDone));
  const probes = targets.map(
    (target) =>
      new SimProducer(context("probe"), {
        ...work,
        targets: [target],
        batchCount: 1,
        produceVersion: 13,
        nextValue,
      }),
  );
  await until(() => probes.every(({ isDone }) => isDone));
  const final = new SimConsumer(context("final"), {
    targets,
    usesSession: true,
    fetchVersion: 17,
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: 1_000_000,
    partitionMaxBytes: 100_000,
    seekOneIn: 0,
    lookupOneIn: 0,
  });
  const seen = (): number =>
    history.reduce((sum, event) => sum + (event.f === "poll" ? event.records.length : 0), 0);
  await until(() => seen() === value);
  assert.deepEqual(checkHistory(history), []);
  for (const client of [admin, ...producers, ...probes, final]) client.close();
  await broker.stop();
});

test("brokers run side by side, and one that stopped is gone", async () => {
  const [one, other] = await Promise.all([startBroker(), startBroker()]);
  assert.notEqual(one.port, other.port);
  await one.stop();
  await one.stop();
  const { network } = createNodePorts();
  const refused = await new Promise((resolve) => {
    network.connect({ host: one.host, port: one.port, timeoutMs: 1000 }, (result) => {
      resolve(result);
      return null;
    });
  });
  assert.ok(refused instanceof NetworkError);
  await other.stop();
});
