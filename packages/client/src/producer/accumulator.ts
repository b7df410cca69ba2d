// Records that were taken and are not delivered: by topic and partition, in batches, within the memory bound.
// It decides where a record goes and whether it fits; when batches leave is the sender's (sender.ts).

import { BATCH_HEADER_BYTES, COMPRESSION_NONE } from "@ottla/protocol";
import type { ClusterConnections } from "../cluster/cluster-connections.ts";
import type { TopicMetadata } from "../cluster/metadata-cache.ts";
import { UNPACKED_BATCH_BYTES_MAX } from "../limits.ts";
import { BufferPool } from "./buffer-pool.ts";
import { CompressionRatio } from "./compression-ratio.ts";
import { PartitionQueue } from "./partition-queue.ts";
import type { Partitioner, PartitionLoad, StickyPartition } from "./partitioner.ts";
import { ProducerBatch } from "./producer-batch.ts";
import type { ProducerConfig } from "./producer-config.ts";
import type { DeliveryCallback, ProducerRecord } from "./producer-record.ts";
import { recordBytesMax } from "./record-writer.ts";

/**
 * What became of an append: `taken`; `began` when it was taken and a new batch began; `no-topic` and
 * `no-partition` until the metadata tells of them; `no-memory` until something is delivered.
 */
export type AppendOutcome = "taken" | "began" | "no-topic" | "no-partition" | "no-memory";

interface TopicState {
  readonly name: string;
  metadata: TopicMetadata | null;
  /** Of the metadata cache when `metadata` was taken. */
  version: number;
  readonly queues: PartitionQueue[];
  readonly load: PartitionLoad;
  sticky: StickyPartition | null;
  lastUsedMs: number;
  readonly ratio: CompressionRatio;
}

/** All that waits to be delivered. */
export class Accumulator {
  readonly pool: BufferPool;
  /** Queues that are not idle; the order is that of sending. */
  readonly active: Set<PartitionQueue> = new Set();
  readonly #connections: ClusterConnections;
  readonly #config: ProducerConfig;
  readonly #partitioner: Partitioner;
  readonly #topics = new Map<string, TopicState>();
  readonly #incomplete = new Map<ProducerBatch, PartitionQueue>();

  constructor(connections: ClusterConnections, config: ProducerConfig, partitioner: Partitioner) {
    this.#connections = connections;
    this.#config = config;
    this.#partitioner = partitioner;
    this.pool = new BufferPool(config.memoryBytes, config.batchBytes);
  }

  /** Batches whose memory is held, each with its queue. */
  get incomplete(): ReadonlyMap<ProducerBatch, PartitionQueue> {
    return this.#incomplete;
  }

  /** Topics whose metadata is wanted; those not used for long are given up. */
  wantedTopics(): string[] {
    const sinceMs = this.#connections.nowMs() - this.#config.metadataIdleMsMax;
    for (const { name, lastUsedMs, queues } of this.#topics.values()) {
      const isIdle = lastUsedMs < sinceMs && queues.every((queue) => queue?.isIdle ?? true);
      if (isIdle) this.#topics.delete(name);
    }
    return [...this.#topics.keys()];
  }

  /** What is known of a topic; asks for it when it is new. */
  topic(name: string): TopicMetadata | null {
    const state = this.#state(name);
    state.lastUsedMs = this.#connections.nowMs();
    return this.#metadataOf(state);
  }

  /** Takes the record into a batch. Its bytes are copied. */
  append(record: ProducerRecord, callback: DeliveryCallback | undefined, context: unknown): AppendOutcome {
    const state = this.#topics.get(record.topic) ?? this.#state(record.topic);
    const topic = this.#metadataOf(state);
    if (topic === null) return "no-topic";
    const key = record.key ?? null;
    let partition = record.partition ?? this.#partitioner.byKey(key, topic.partitions.length);
    let sticky: StickyPartition | null = null;
    if (partition < 0) {
      sticky = state.sticky ??= this.#partitioner.begin(topic, state.load);
      partition = sticky.partition;
    } else if (partition >= topic.partitions.length) {
      this.#connections.requestUpdate();
      return "no-partition";
    }
    const queue = (state.queues[partition] ??= new PartitionQueue(record.topic, partition));
    const timestamp = record.timestamp ?? this.#connections.ports.clock.wallMs();
    const { value, headers } = record;
    let batch = queue.open;
    const before = batch?.sizeBytes ?? 0;
    let outcome: AppendOutcome = "taken";
    if (batch === null || !batch.append(timestamp, key, value, headers, callback, context)) {
      batch = this.#begin(state, queue, key, record);
      if (batch === null) return "no-memory";
      batch.append(timestamp, key, value, headers, callback, context);
      outcome = "began";
    }
    if (sticky !== null) {
      const bytes = batch.sizeBytes - (outcome === "began" ? 0 : before);
      this.#partitioner.appended(sticky, topic, state.load, bytes, batch.isFull);
    }
    return batch.isFull ? "began" : outcome;
  }

  /** A batch is settled: its memory is free. `isReusable`: no request holds its buffer. */
  release(batch: ProducerBatch, isReusable: boolean): void {
    if (!this.#incomplete.delete(batch)) return;
    if (batch.isDetached) this.pool.unreserve(batch.memory.length);
    else this.pool.give(batch.memory, isReusable);
  }

  /** A batch was compressed: what it no longer needs goes back, and the next one may take more. */
  packed(batch: ProducerBatch, bodyBytes: number): void {
    this.#topics.get(batch.topic)?.ratio.observe(bodyBytes, batch.sizeBytes);
    if (!this.#incomplete.has(batch)) return;
    this.pool.give(batch.detach(), true);
    this.pool.reserve(batch.sizeBytes);
  }

  /** Makes a batch with room for `bytes`, for a part of one that was too large. It is put nowhere. */
  beginPart(queue: PartitionQueue, createdMs: number, bytes: number): ProducerBatch {
    const buffer = this.pool.takeAnyway(bytes);
    const part = new ProducerBatch(queue.topic, queue.partition, buffer, createdMs);
    this.#incomplete.set(part, queue);
    return part;
  }

  #begin(
    state: TopicState,
    queue: PartitionQueue,
    key: Uint8Array | null,
    record: ProducerRecord,
  ): ProducerBatch | null {
    const bytes = BATCH_HEADER_BYTES + recordBytesMax(key, record.value, record.headers);
    const buffer = this.pool.take(Math.max(bytes, this.#batchBytes(state))) ?? this.pool.take(bytes);
    if (buffer === null) return null;
    const nowMs = this.#connections.nowMs();
    state.lastUsedMs = nowMs;
    const batch = new ProducerBatch(queue.topic, queue.partition, buffer, nowMs);
    queue.waiting.push(batch);
    this.active.add(queue);
    this.#incomplete.set(batch, queue);
    return batch;
  }

  /** Room of a new batch, for records before compression. */
  #batchBytes(state: TopicState): number {
    const { batchBytes, compression, memoryBytes } = this.#config;
    if (compression === COMPRESSION_NONE) return batchBytes;
    // A few batches must always fit.
    const bytesMax = Math.min(UNPACKED_BATCH_BYTES_MAX, Math.floor(memoryBytes / 8));
    return state.ratio.bytesBefore(batchBytes, bytesMax);
  }

  #state(name: string): TopicState {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const lastUsedMs = this.#connections.nowMs();
    const queues: PartitionQueue[] = [];
    const state: TopicState = {
      name,
      metadata: null,
      version: -1,
      queues,
      load: (partition) => queues[partition]?.waiting.length ?? 0,
      sticky: null,
      lastUsedMs,
      ratio: new CompressionRatio(),
    };
    this.#topics.set(name, state);
    if (this.#metadataOf(state) === null) this.#connections.requestUpdateNow();
    return state;
  }

  #metadataOf(state: TopicState): TopicMetadata | null {
    const { metadata } = this.#connections;
    if (state.version === metadata.version) return state.metadata;
    const found = metadata.topic(state.name);
    state.version = metadata.version;
    // An answer that for once leaves a topic out does not stop its records.
    if (found !== null && found.partitions.length > 0) state.metadata = found;
    return state.metadata;
  }
}
