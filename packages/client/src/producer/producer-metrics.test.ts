import assert from "node:assert/strict";
import { test } from "node:test";
import { errors } from "@ottla/protocol";
import { metricValue } from "../testing/metric-value.ts";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { ScriptedLog } from "../testing/scripted-log.ts";
import { Producer } from "./producer.ts";

function scene() {
  const cluster = new ScriptedCluster(5, [1]);
  cluster.topic("t", [1]);
  const log = new ScriptedLog(cluster);
  const settings = { "bootstrap.servers": "broker-1:9092", "linger.ms": 10, "max.request.size": 10_000 };
  return { cluster, log, producer: new Producer(settings, cluster.environment) };
}

test("a producer tells what it sent, in all and by topic and node, under Apache Kafka's names", async () => {
  const { cluster, log, producer } = scene();
  const value = new Uint8Array(100);
  await cluster.settled(producer.send({ topic: "t", value }));
  log.faults = { throttleTimeMs: 40, batch: () => errors.NOT_ENOUGH_REPLICAS };
  const retried = [producer.send({ topic: "t", value }), producer.send({ topic: "t", value })];
  await cluster.run({ until: () => producer.counts.retries > 0, ms: 1000 });
  log.faults = {};
  await cluster.settled(Promise.all(retried));
  await assert.rejects(cluster.settled(producer.send({ topic: "t", value: new Uint8Array(20_000) })));
  const metrics = producer.metrics();
  const of = (name: string) => metricValue(metrics, `producer-metrics:${name}`);
  assert.equal(of("record-send-total"), 5);
  assert.equal(of("record-retry-total"), 2);
  assert.equal(of("record-error-total"), 1);
  assert.equal(of("record-size-max"), 186);
  assert.equal(of("records-per-request-avg"), 5 / 3);
  assert.equal(of("produce-throttle-time-max"), 40);
  assert.equal(of("connection-count"), 1);
  assert.equal(of("requests-in-flight"), 0);
  assert.equal(of("buffer-available-bytes"), of("buffer-total-bytes"));
  assert.ok(Number(of("metadata-wait-time-ns-total")) > 0);
  assert.equal(metricValue(metrics, "producer-topic-metrics:record-send-total", { topic: "t" }), 5);
  const node = { "node-id": "node-1" };
  // InitProducerId may have been asked of either.
  assert.ok(Number(metricValue(metrics, "producer-node-metrics:request-total", node)) >= 3);
  assert.ok(Number(metricValue(metrics, "producer-node-metrics:request-latency-max", node)) > 0);
  assert.equal(metricValue(metrics, "kafka-metrics-count:count"), metrics.length);
});

test("what waits for memory is measured", async () => {
  const cluster = new ScriptedCluster(6, [1]);
  cluster.topic("t", [1]);
  const log = new ScriptedLog(cluster);
  const settings = { "bootstrap.servers": "broker-1:9092", "buffer.memory": 500, "batch.size": 400 };
  const producer = new Producer({ ...settings, "max.block.ms": 2000 }, cluster.environment);
  const value = new Uint8Array(300);
  await cluster.settled(producer.send({ topic: "t", value }));
  log.faults = { request: () => "silent" };
  void producer.send({ topic: "t", value }).catch(() => {});
  await assert.rejects(cluster.settled(producer.send({ topic: "t", value })), /Failed to allocate/);
  const metrics = producer.metrics();
  assert.equal(metricValue(metrics, "producer-metrics:buffer-exhausted-total"), 1);
  const waitedMs = Number(metricValue(metrics, "producer-metrics:bufferpool-wait-time-ns-total")) / 1e6;
  assert.ok(waitedMs > 1900 && waitedMs < 2100, `${waitedMs} ms`);
});
