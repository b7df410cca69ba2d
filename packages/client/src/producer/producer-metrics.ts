// What a producer measures beyond its connections: by batch, never by record. Groups and names are Apache
// Kafka's.
import type { ClusterConnections } from "../cluster/cluster-connections.ts";
import { METRIC_TOPICS_MAX } from "../limits.ts";
import { type ClientMetric, MetricList, withCount } from "../metrics/client-metric.ts";
import type { ConnectionMetrics } from "../metrics/connection-metrics.ts";
import { WindowedValues } from "../metrics/windowed-values.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { ProducerBatch } from "./producer-batch.ts";

const NS_PER_MS = 1e6;
const WITHOUT_TRANSACTIONS: readonly string[] = [
  "abort",
  "begin",
  "commit",
  "init",
  "prepare",
  "send-offsets",
];

/** Counts since the producer began. */
export interface ProducerCounts {
  /** Delivered. */
  readonly records: number;
  /** Records given up, and those refused. */
  readonly errors: number;
  /** Records sent again. */
  readonly retries: number;
  readonly requests: number;
  readonly batches: number;
  /** Of batches as sent, tries included. */
  readonly bytes: number;
  readonly bufferTotalBytes: number;
  readonly bufferAvailableBytes: number;
  /** Calls of `send` that wait for memory or metadata. */
  readonly waiting: number;
}

class TopicMeters {
  readonly records: WindowedValues;
  readonly bytes: WindowedValues;
  readonly compression: WindowedValues;
  readonly retries: WindowedValues;
  readonly errors: WindowedValues;

  constructor({ windows }: ConnectionMetrics) {
    this.records = new WindowedValues(windows);
    this.bytes = new WindowedValues(windows);
    this.compression = new WindowedValues(windows);
    this.retries = new WindowedValues(windows);
    this.errors = new WindowedValues(windows);
  }
}

/** The measures of one producer. */
export class ProducerMetrics {
  readonly #connections: ConnectionMetrics;
  readonly #all: TopicMeters;
  readonly #topics = new Map<string, TopicMeters>();
  readonly #requestRecords: WindowedValues;
  readonly #recordBytes: WindowedValues;
  readonly #queueTime: WindowedValues;
  readonly #splits: WindowedValues;
  readonly #exhausted: WindowedValues;
  #delivered = 0;
  #flushMs = 0;
  #metadataWaitMs = 0;
  readonly #memoryWait: WindowedValues;

  constructor(connections: ConnectionMetrics) {
    const { windows } = connections;
    this.#connections = connections;
    this.#all = new TopicMeters(connections);
    this.#requestRecords = new WindowedValues(windows);
    this.#recordBytes = new WindowedValues(windows);
    this.#queueTime = new WindowedValues(windows);
    this.#splits = new WindowedValues(windows);
    this.#exhausted = new WindowedValues(windows);
    this.#memoryWait = new WindowedValues(windows);
  }

  /** A request with these batches leaves. */
  requestSent(batches: readonly ProducerBatch[]): void {
    const nowMs = this.#connections.nowMs();
    let records = 0;
    for (const batch of batches) {
      const { count, sizeBytes, compressionRatio } = batch;
      records += count;
      for (const meters of [this.#all, this.#topic(batch.topic)]) {
        meters?.records.record(count, nowMs);
        meters?.bytes.record(sizeBytes, nowMs);
        meters?.compression.record(compressionRatio, nowMs);
      }
      this.#recordBytes.record(batch.recordBytesMax, nowMs);
      this.#queueTime.record(nowMs - Math.max(batch.createdMs, batch.retryAtMs), nowMs);
    }
    this.#requestRecords.record(records, nowMs);
  }

  /** Records were stored. */
  delivered(count: number): void {
    this.#delivered += count;
  }

  /** Records are sent again. */
  retried(topic: string, count: number): void {
    const nowMs = this.#connections.nowMs();
    this.#all.retries.record(count, nowMs);
    this.#topic(topic)?.retries.record(count, nowMs);
  }

  /** Records were given up, or refused. */
  failed(topic: string, count: number): void {
    const nowMs = this.#connections.nowMs();
    this.#all.errors.record(count, nowMs);
    this.#topic(topic)?.errors.record(count, nowMs);
  }

  /** A batch was too large for the broker. */
  split(): void {
    this.#splits.record(1, this.#connections.nowMs());
  }

  flushed(elapsedMs: number): void {
    this.#flushMs += elapsedMs;
  }

  /** A record, or a caller, that waited goes on. */
  waited(elapsedMs: number, isForMemory: boolean): void {
    if (isForMemory) this.#memoryWait.record(elapsedMs, this.#connections.nowMs());
    else this.#metadataWaitMs += elapsedMs;
  }

  /** A wait for memory was in vain. */
  exhausted(): void {
    this.#exhausted.record(1, this.#connections.nowMs());
  }

  counts(pool: BufferPool, waiting: number): ProducerCounts {
    return {
      records: this.#delivered,
      errors: this.#all.errors.total,
      retries: this.#all.retries.total,
      requests: this.#requestRecords.totalCount,
      batches: this.#all.records.totalCount,
      bytes: this.#all.bytes.total,
      bufferTotalBytes: pool.bytesMax,
      bufferAvailableBytes: pool.availableBytes,
      waiting,
    };
  }

  /** Everything, connections included. */
  list(connections: ClusterConnections, pool: BufferPool, waiting: number): readonly ClientMetric[] {
    const nowMs = this.#connections.nowMs();
    const metrics = this.#connections.list();
    const { tags, latency, throttleTime } = this.#connections;
    const list = new MetricList("producer-metrics", tags, nowMs, metrics);
    this.#listBatches(list, nowMs);
    list.averageAndMax("produce-throttle-time", throttleTime);
    list.averageAndMax("request-latency", latency);
    list.value("requests-in-flight", connections.requestsInFlight);
    list.value("metadata-age", connections.metadataAgeMs / 1000);
    list.value("metadata-wait-time-ns-total", this.#metadataWaitMs * NS_PER_MS);
    list.value("flush-time-ns-total", this.#flushMs * NS_PER_MS);
    list.value("buffer-available-bytes", pool.availableBytes);
    list.value("buffer-total-bytes", pool.bytesMax);
    list.countMeter("buffer-exhausted", this.#exhausted);
    list.value("bufferpool-wait-ratio", this.#memoryWait.rate(nowMs) / 1000);
    list.value("bufferpool-wait-time-ns-total", this.#memoryWait.total * NS_PER_MS);
    list.value("waiting-threads", waiting);
    for (const what of WITHOUT_TRANSACTIONS) list.value(`txn-${what}-time-ns-total`, 0);
    for (const [topic, meters] of this.#topics) {
      const ofTopic = new MetricList("producer-topic-metrics", { ...tags, topic }, nowMs, metrics);
      listRecords(ofTopic, meters);
      ofTopic.meter("byte", meters.bytes);
      ofTopic.value("compression-rate", meters.compression.average(nowMs));
    }
    return withCount(metrics, tags);
  }

  #listBatches(list: MetricList, nowMs: number): void {
    listRecords(list, this.#all);
    list.averageAndMax("batch-size", this.#all.bytes);
    list.countMeter("batch-split", this.#splits);
    list.value("compression-rate-avg", this.#all.compression.average(nowMs));
    list.averageAndMax("record-queue-time", this.#queueTime);
    list.averageAndMax("record-size", this.#recordBytes);
    list.value("records-per-request-avg", this.#requestRecords.average(nowMs));
  }

  #topic(name: string): TopicMeters | null {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    if (this.#topics.size >= METRIC_TOPICS_MAX) return null;
    const meters = new TopicMeters(this.#connections);
    this.#topics.set(name, meters);
    return meters;
  }
}

function listRecords(list: MetricList, { records, retries, errors }: TopicMeters): void {
  list.meter("record-send", records);
  list.meter("record-retry", retries);
  list.meter("record-error", errors);
}
