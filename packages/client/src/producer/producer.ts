// The producer: takes records, gathers them in batches, delivers them. `enqueue` is the hot path, without a
// promise or closure per record; `send` is the same with a promise. Order: records of one partition are
// delivered in the order in which they were given.
import type { TimerHandle } from "@ottla/ports";
import { apiKeys, BATCH_HEADER_BYTES, type ErrorSpec, errors } from "@ottla/protocol";
import { bootstrapNodes } from "../cluster/bootstrap.ts";
import { ClusterConnections } from "../cluster/cluster-connections.ts";
import type { PartitionMetadata } from "../cluster/metadata-cache.ts";
import type { ClientSettings } from "../config/client-config.ts";
import { warnOfUnknownKeys } from "../config/unknown-keys.ts";
import { type ClientEnvironment, prefixedLogger } from "../environment/client-environment.ts";
import { nodeEnvironment } from "../environment/node-environment.ts";
import { KafkaError, TimeoutError } from "../errors/kafka-error.ts";
import { IN_FLIGHT_MAX, WAITING_RECORDS_MAX } from "../limits.ts";
import type { ClientMetric } from "../metrics/client-metric.ts";
import { connectionMetrics } from "../metrics/connection-metrics.ts";
import { Accumulator, type AppendOutcome } from "./accumulator.ts";
import { Partitioner } from "./partitioner.ts";
import { type ProducerConfig, producerConfigOf, resolveProducerConfig } from "./producer-config.ts";
import { type ProducerCounts, ProducerMetrics } from "./producer-metrics.ts";
import type { DeliveryCallback, ProducerRecord, RecordMetadata } from "./producer-record.ts";
import { recordBytesMax } from "./record-writer.ts";
import { Sender } from "./sender.ts";

/** A record, or a caller, that waits for memory or metadata. */
interface Waiting {
  readonly topic: string | null;
  readonly deadlineMs: number;
  /** Tries to go on; what it still waits for. */
  tryAgain(): AppendOutcome;
  fail(error: KafkaError): void;
}

/** A record that can never be sent, of which its callback is told at the end of the turn. */
interface Refused {
  readonly error: KafkaError;
  readonly record: ProducerRecord;
  readonly callback: DeliveryCallback | undefined;
  readonly context: unknown;
}

interface Promised {
  readonly resolve: (metadata: RecordMetadata) => void;
  readonly reject: (error: KafkaError) => void;
  readonly callback: DeliveryCallback | undefined;
}

const ORIGIN = "org.apache.kafka.clients.producer.KafkaProducer";

/** One callback for all promises: which one is in the context. */
const settlePromise: DeliveryCallback = (error, metadata, context) => {
  const { resolve, reject, callback } = context as Promised;
  // First the promise, whose reactions run later anyway: the callback is user's code and may throw.
  if (error === null) resolve(metadata);
  else reject(error);
  callback?.(error, metadata, undefined);
};

/** Sends records. */
export class Producer {
  readonly clientId: string;
  readonly #connections: ClusterConnections;
  readonly #config: ProducerConfig;
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #metrics: ProducerMetrics;
  /** Since when nobody goes on for want of memory, or of metadata. */
  readonly #stalledSinceMs: { memory: number | null; metadata: number | null } = {
    memory: null,
    metadata: null,
  };
  #waiting: Waiting[] = [];
  /** In the order in which they were given. */
  #refused: Refused[] = [];
  #isTryScheduled = false;
  #isTrying = false;
  #timer: TimerHandle | null = null;
  readonly #flushes = new Set<() => void>();
  #closing: Promise<void> | null = null;

  /** Throws `ConfigError`. */
  constructor(settings: ClientSettings, environment: ClientEnvironment = nodeEnvironment()) {
    const config = resolveProducerConfig(settings);
    this.clientId = config.text("client.id") || `producer-${environment.nextClientNumber("producer")}`;
    const logger = prefixedLogger(environment.logger, `[Producer clientId=${this.clientId}] `);
    warnOfUnknownKeys(config, logger, "org.apache.kafka.clients.producer.ProducerConfig");
    this.#config = producerConfigOf(config, logger);
    const metrics = connectionMetrics("producer", this.clientId, config, environment.ports, apiKeys.Produce);
    this.#metrics = new ProducerMetrics(metrics);
    this.#connections = new ClusterConnections({
      ports: environment.ports,
      logger,
      config,
      clientId: this.clientId,
      bootstrap: bootstrapNodes("bootstrap.servers", config.list("bootstrap.servers")),
      inFlightMax: IN_FLIGHT_MAX,
      metrics,
      topics: () => this.#accumulator.wantedTopics(),
      allowAutoTopicCreation: true,
      warnsOfBootstrap: true,
    });
    const partitioner = new Partitioner(config, environment.ports.random);
    this.#accumulator = new Accumulator(this.#connections, this.#config, partitioner);
    this.#sender = new Sender({
      connections: this.#connections,
      config: this.#config,
      accumulator: this.#accumulator,
      metrics: this.#metrics,
      isMemoryShort: () => this.#waiting.length > 0,
      onSettled: () => this.#settled(),
    });
    this.#connections.onMetadata(() => this.#tryWaiting());
  }

  /** Counts so far. */
  get counts(): ProducerCounts {
    return this.#metrics.counts(this.#accumulator.pool, this.#waiting.length);
  }

  /** Everything that is measured, under Apache Kafka's names. */
  metrics(): readonly ClientMetric[] {
    return this.#metrics.list(this.#connections, this.#accumulator.pool, this.#waiting.length);
  }

  /**
   * Sends a record; resolves when it is stored as `acks` asks. Its bytes must stay unchanged until they were
   * copied, which is at once unless memory or metadata is missing. Rejects with `KafkaError`.
   */
  send(record: ProducerRecord, callback?: DeliveryCallback): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      const context: Promised = { resolve, reject, callback };
      if (this.enqueue(record, settlePromise, context)) return;
      this.#wait({
        topic: record.topic,
        deadlineMs: this.#connections.nowMs() + this.#config.blockMsMax,
        tryAgain: () => this.#take(record, settlePromise, context),
        fail: (error) => this.#tell({ error, record, callback: settlePromise, context }),
      });
    });
  }

  /**
   * Takes a record, or returns false when memory or the topic's metadata is missing: wait with
   * `whenWritable`, then try again. A record that can never be sent is taken and its callback told. The bytes
   * are copied. A caller with many records gives the loop its turns: nothing leaves within one.
   */
  enqueue(record: ProducerRecord, callback?: DeliveryCallback, context?: unknown): boolean {
    this.#checkOpen();
    // Those who wait came first.
    if (this.#waiting.length > 0 || this.#isTrying) return false;
    const outcome = this.#take(record, callback, context);
    return outcome === "taken" || outcome === "began";
  }

  /**
   * Resolves when `enqueue` may take a record (of `topic`) again. Rejects with `TimeoutError` after
   * `max.block.ms`, and with the topic's error when it can have no records.
   */
  whenWritable(topic?: string): Promise<void> {
    this.#checkOpen();
    return new Promise((resolve, reject) => {
      this.#wait({
        topic: topic ?? null,
        deadlineMs: this.#connections.nowMs() + this.#config.blockMsMax,
        tryAgain: () => {
          const missing = this.#missing(topic);
          if (missing === "taken") resolve();
          return missing;
        },
        fail: reject,
      });
    });
  }

  /** The partitions of a topic. Rejects as `whenWritable`. */
  async partitionsFor(topic: string): Promise<readonly PartitionMetadata[]> {
    if (this.#accumulator.topic(topic) === null) await this.whenWritable(topic);
    return this.#accumulator.topic(topic)?.partitions.filter((each) => each !== undefined) ?? [];
  }

  /** Resolves when every record given so far is settled, delivered or not. Meanwhile nothing lingers. */
  async flush(): Promise<void> {
    const waiting = new Set(this.#waiting);
    const startMs = this.#connections.nowMs();
    this.#sender.beginFlush();
    await this.#until(() => this.#areTaken(waiting));
    const batches = [...this.#accumulator.incomplete.keys()];
    await this.#until(() => batches.every(({ isSettled }) => isSettled));
    this.#sender.endFlush();
    this.#metrics.flushed(this.#connections.nowMs() - startMs);
  }

  /**
   * Takes no more records, delivers what was taken, closes all connections. What is not delivered after
   * `timeoutMs` fails. Default: as long as it takes.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    const { timers } = this.#connections.ports;
    let timer: TimerHandle | null = null;
    const flushed = timeoutMs === 0 ? Promise.resolve() : this.flush();
    if (timeoutMs === undefined) await flushed;
    else {
      await Promise.race([
        flushed,
        new Promise<void>((resolve) => {
          timer = timers.set(timeoutMs, resolve);
        }),
      ]);
    }
    if (timer !== null) timers.clear(timer);
    const error = new KafkaError(errors.UNKNOWN_SERVER_ERROR, "Producer is closed forcefully.");
    this.#sender.close(error);
    this.#connections.close();
    for (const waiting of this.#waiting.splice(0)) waiting.fail(error);
    this.#tellRefused();
    if (this.#timer !== null) timers.clear(this.#timer);
    this.#settled();
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new Error("Cannot perform operation after producer has been closed");
  }

  /** Why a record can never be sent. */
  #refusal(record: ProducerRecord): KafkaError | null {
    const { timestamp, partition } = record;
    if (timestamp !== undefined && !(timestamp >= 0)) {
      const message = `Invalid timestamp: ${timestamp}. Timestamp should always be non-negative or null.`;
      return new KafkaError(errors.INVALID_TIMESTAMP, message);
    }
    if (partition !== undefined && !(partition >= 0)) {
      const message = `Invalid partition: ${partition}. Partition number should always be non-negative or null.`;
      return new KafkaError(errors.INVALID_REQUEST, message);
    }
    const bytes = BATCH_HEADER_BYTES + recordBytesMax(record.key ?? null, record.value, record.headers);
    const { requestBytesMax, memoryBytes } = this.#config;
    const size = `The message is ${bytes} bytes when serialized which is larger than`;
    if (bytes > requestBytesMax) {
      const message = `${size} ${requestBytesMax}, which is the value of the max.request.size configuration.`;
      return new KafkaError(errors.MESSAGE_TOO_LARGE, message);
    }
    if (bytes > memoryBytes) {
      const message = `${size} the total memory buffer you have configured with the buffer.memory configuration.`;
      return new KafkaError(errors.MESSAGE_TOO_LARGE, message);
    }
    return null;
  }

  /** Puts the record into a batch, or refuses it for good, which is `taken`, too. */
  #take(record: ProducerRecord, callback: DeliveryCallback | undefined, context: unknown): AppendOutcome {
    const error = this.#refusal(record);
    if (error !== null) {
      this.#refuse({ error, record, callback, context });
      return "taken";
    }
    const outcome = this.#accumulator.append(record, callback, context);
    if (outcome === "began") this.#sender.wakeForLinger();
    return outcome;
  }

  #refuse(refused: Refused): void {
    this.#metrics.failed(refused.record.topic, 1);
    this.#refused.push(refused);
    if (this.#refused.length === 1) {
      this.#connections.ports.turn.atEnd(() => {
        this.#tellRefused();
        this.#checkFlushes();
      });
    }
  }

  #tellRefused(): void {
    const refused = this.#refused;
    this.#refused = [];
    for (const each of refused) this.#tell(each);
  }

  /** Tells of a record that came to no partition. What the user's code throws ends nothing. */
  #tell({ error, record, callback, context }: Refused): void {
    try {
      callback?.(error, nowhere(record), context);
    } catch (bug) {
      const what = bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
      this.#connections.logger.error(`Error executing user-provided callback on message: ${what}`, ORIGIN);
    }
  }

  /** Whether of `waiting` nobody waits any more, and nobody who was refused is still to be told. */
  #areTaken(waiting: ReadonlySet<Waiting>): boolean {
    if (this.#isTrying || this.#refused.length > 0) return false;
    return waiting.size === 0 || !this.#waiting.some((each) => waiting.has(each));
  }

  #missing(topic: string | undefined): AppendOutcome {
    if (topic !== undefined && this.#accumulator.topic(topic) === null) return "no-topic";
    const { pool } = this.#accumulator;
    return pool.availableBytes < pool.usualBytes && pool.availableBytes < pool.bytesMax
      ? "no-memory"
      : "taken";
  }

  #wait(waiting: Waiting): void {
    if (this.#waiting.length >= WAITING_RECORDS_MAX) {
      const error = new KafkaError(errors.POLICY_VIOLATION, "Too many records wait for memory or metadata.");
      this.#connections.ports.turn.atEnd(() => waiting.fail(error));
      return;
    }
    this.#waiting.push(waiting);
    if (this.#isTryScheduled) return;
    this.#isTryScheduled = true;
    this.#sender.wake();
    this.#connections.ports.turn.atEnd(() => {
      this.#isTryScheduled = false;
      this.#tryWaiting();
    });
  }

  /** Lets those who wait go on, in order; one that misses its topic holds up that topic alone. */
  #tryWaiting(): void {
    if (this.#waiting.length === 0 || this.#isTrying) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isTrying = true;
    const missing = { memory: false, metadata: false };
    const left = this.#tryEach(waiting, missing);
    this.#isTrying = false;
    this.#noteStall("memory", missing.memory);
    this.#noteStall("metadata", missing.metadata);
    // What callers added meanwhile goes behind.
    this.#waiting = this.#waiting.length === 0 ? left : left.concat(this.#waiting);
    this.#arm();
    if (this.#waiting.length > 0) this.#sender.wake();
    this.#checkFlushes();
  }

  #noteStall(what: "memory" | "metadata", isMissing: boolean): void {
    const sinceMs = this.#stalledSinceMs[what];
    const nowMs = this.#connections.nowMs();
    if (isMissing) {
      this.#stalledSinceMs[what] ??= nowMs;
    } else if (sinceMs !== null) {
      this.#stalledSinceMs[what] = null;
      this.#metrics.waited(nowMs - sinceMs, what === "memory");
    }
  }

  /** Those who still wait, and what for. */
  #tryEach(waiting: readonly Waiting[], missing: { memory: boolean; metadata: boolean }): Waiting[] {
    const nowMs = this.#connections.nowMs();
    const held = new Set<string | null>();
    const left: Waiting[] = [];
    for (const [index, each] of waiting.entries()) {
      if (held.has(each.topic)) {
        left.push(each);
        continue;
      }
      const outcome = each.tryAgain();
      if (outcome === "taken" || outcome === "began") continue;
      const error = this.#topicError(each.topic, outcome);
      if (error !== null) each.fail(error);
      else if (each.deadlineMs <= nowMs) {
        if (outcome === "no-memory") this.#metrics.exhausted();
        each.fail(this.#timeout(each.topic, outcome));
      } else if (outcome === "no-memory") {
        missing.memory = true;
        // Nobody behind gets any, either; deadlines are in the same order.
        return left.concat(waiting.slice(index));
      } else {
        missing.metadata = true;
        left.push(each);
        held.add(each.topic);
      }
    }
    return left;
  }

  /** An error that no waiting cures. */
  #topicError(topic: string | null, outcome: AppendOutcome): KafkaError | null {
    if (topic === null || outcome !== "no-topic") return null;
    const spec: ErrorSpec | null = this.#connections.metadata.topicError(topic);
    if (spec === errors.INVALID_TOPIC_EXCEPTION) return new KafkaError(spec, `Invalid topics: [${topic}]`);
    if (spec === errors.TOPIC_AUTHORIZATION_FAILED) {
      return new KafkaError(spec, `Not authorized to access topics: [${topic}]`);
    }
    return null;
  }

  #timeout(topic: string | null, outcome: AppendOutcome): TimeoutError {
    const { blockMsMax } = this.#config;
    if (outcome === "no-topic") {
      return new TimeoutError(`Topic ${topic} not present in metadata after ${blockMsMax} ms.`);
    }
    if (outcome === "no-partition") {
      const count = this.#connections.metadata.topic(topic ?? "")?.partitions.length ?? 0;
      const message = `The partition asked for of topic ${topic} with partition count ${count}`;
      return new TimeoutError(`${message} is not present in metadata after ${blockMsMax} ms.`);
    }
    const { pool } = this.#accumulator;
    return new TimeoutError(
      `Failed to allocate ${pool.usualBytes} bytes within the configured max blocking time ${blockMsMax} ms. ` +
        `Total memory: ${pool.bytesMax} bytes. Available memory: ${pool.availableBytes} bytes. ` +
        `Poolable size: ${pool.usualBytes} bytes`,
    );
  }

  #arm(): void {
    const { timers } = this.#connections.ports;
    if (this.#timer !== null) timers.clear(this.#timer);
    this.#timer = null;
    // All wait equally long, so the first one is due first.
    const dueMs = this.#waiting[0]?.deadlineMs;
    if (dueMs === undefined) return;
    this.#timer = timers.set(Math.max(0, dueMs - this.#connections.nowMs()), () => {
      this.#timer = null;
      this.#tryWaiting();
    });
  }

  #settled(): void {
    this.#tryWaiting();
    this.#checkFlushes();
  }

  #checkFlushes(): void {
    for (const check of [...this.#flushes]) check();
  }

  /** Resolves when `isSo`, asked again whenever something was settled. */
  #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!isSo() && !this.#connections.isClosed) return;
        this.#flushes.delete(check);
        resolve();
      };
      this.#flushes.add(check);
    });
  }
}

/** Of a record that came to no partition. */
function nowhere(record: ProducerRecord): RecordMetadata {
  return {
    topic: record.topic,
    partition: record.partition ?? -1,
    offset: -1,
    timestamp: record.timestamp ?? -1,
  };
}
