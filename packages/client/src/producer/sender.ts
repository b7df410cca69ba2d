// Sends batches when they are due and deals with the answers: retries, lost connections, moved leaders,
// sequence errors, time-outs. It runs at the end of a turn in which something changed, and when its one timer
// rings. Invariants: at most `max.in.flight.requests.per.connection` requests to a node; a batch is settled
// once; delivery is given up after `delivery.timeout.ms`, but memory that a request may hold is kept until
// that is over.
import type { TimerHandle } from "@ottla/ports";
import {
  COMPRESSION_NONE,
  compressBody,
  compressBodyLater,
  errorForCode,
  errors,
  type ProduceResponse,
  RecordsError,
} from "@ottla/protocol";
import type { ClusterConnections } from "../cluster/cluster-connections.ts";
import type { LinkResult } from "../cluster/node-link.ts";
import { errorOfRpc, KafkaError, TimeoutError } from "../errors/kafka-error.ts";
import { COMPRESSED_ON_LOOP_BYTES_MAX } from "../limits.ts";
import type { Accumulator } from "./accumulator.ts";
import { splitBatch } from "./batch-split.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import { type PartitionAnswer, ProduceCall, produceApi } from "./produce-request.ts";
import type { ProducerBatch } from "./producer-batch.ts";
import type { ProducerConfig } from "./producer-config.ts";
import { ProducerIdentity } from "./producer-identity.ts";
import type { ProducerMetrics } from "./producer-metrics.ts";

const ORIGIN = "org.apache.kafka.clients.producer.internals.Sender";

/** What a sender works on. */
export interface SenderOptions {
  readonly connections: ClusterConnections;
  readonly config: ProducerConfig;
  readonly accumulator: Accumulator;
  readonly metrics: ProducerMetrics;
  /** Whether records wait for memory, so that no batch may linger. */
  readonly isMemoryShort: () => boolean;
  /** Something was settled: memory is free, a flush may be over. */
  readonly onSettled: () => void;
}

interface NodeBatches {
  readonly batches: ProducerBatch[];
  bytes: number;
}

/** The sending half of a producer. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #identity: ProducerIdentity;
  readonly #inFlight = new Map<number, number>();
  #isScheduled = false;
  #isClosed = false;
  #flushes = 0;
  #timer: TimerHandle | null = null;
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#identity = new ProducerIdentity(options.connections, () => this.wake());
    options.connections.onMetadata(() => this.wake());
  }

  /** Looks at the queues at the end of this turn. */
  wake(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    this.#options.connections.ports.turn.atEnd(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  /** A batch began: it must leave when it has lingered long enough. */
  wakeForLinger(): void {
    const { config, connections } = this.#options;
    if (config.lingerMs === 0) this.wake();
    else this.#wakeAt(connections.nowMs() + config.lingerMs);
  }

  /** While flushes go on no batch lingers. */
  beginFlush(): void {
    this.#flushes += 1;
    this.wake();
  }

  endFlush(): void {
    this.#flushes -= 1;
  }

  /** Fails all that is not delivered. */
  close(error: KafkaError): void {
    this.#isClosed = true;
    if (this.#timer !== null) this.#options.connections.ports.timers.clear(this.#timer);
    for (const batch of [...this.#options.accumulator.incomplete.keys()]) this.#fail(batch, error);
    this.#options.accumulator.active.clear();
  }

  #run(): void {
    if (this.#isClosed) return;
    const { accumulator, config } = this.#options;
    this.#wakeMs = Number.POSITIVE_INFINITY;
    const fatal = this.#identity.fatal;
    if (fatal !== null) {
      for (const batch of [...accumulator.incomplete.keys()]) if (!batch.isOnWire) this.#giveUp(batch, fatal);
    }
    this.#expire();
    if (config.isIdempotent && accumulator.active.size > 0) this.#identity.request();
    if (!config.isIdempotent || this.#identity.producer !== null) {
      while (this.#sendRound() && !this.#isClosed);
    }
    if (this.#wakeMs !== Number.POSITIVE_INFINITY) this.#wakeAt(this.#wakeMs);
  }

  #wakeAt(dueMs: number): void {
    const { timers } = this.#options.connections.ports;
    if (this.#isClosed) return;
    if (this.#timer !== null) {
      if (this.#timer.dueMs <= dueMs) return;
      timers.clear(this.#timer);
    }
    const delayMs = Math.max(0, dueMs - this.#options.connections.nowMs());
    this.#timer = timers.set(delayMs, () => {
      this.#timer = null;
      this.#run();
    });
  }

  /** One request to each node that can take one; false when there was nothing to send. */
  #sendRound(): boolean {
    const { accumulator } = this.#options;
    const byNode = new Map<number, NodeBatches>();
    const taken: PartitionQueue[] = [];
    const nowMs = this.#options.connections.nowMs();
    for (const queue of accumulator.active) {
      if (queue.isIdle) accumulator.active.delete(queue);
      else if (this.#collect(queue, byNode, nowMs)) taken.push(queue);
    }
    // Queues that sent go behind those that found no room.
    for (const queue of taken) {
      accumulator.active.delete(queue);
      accumulator.active.add(queue);
    }
    for (const [nodeId, { batches }] of byNode) this.#send(nodeId, batches);
    return byNode.size > 0;
  }

  /** Puts the queue's first batch into the request to its leader, if it is due and may leave. */
  #collect(queue: PartitionQueue, byNode: Map<number, NodeBatches>, nowMs: number): boolean {
    const { config, connections } = this.#options;
    if (queue.needsNewEpoch && !this.#beginEpoch(queue)) return false;
    const first = queue.waiting[0];
    if (first === undefined || first.isPacking || !this.#isDue(queue, first, nowMs)) return false;
    if (config.inFlightMax === 1 && queue.hasBatchOnWire) return false;
    const leader = connections.metadata.leader(queue.topic, queue.partition);
    if (leader === null || leader.node === null) {
      connections.requestUpdate();
      return false;
    }
    if ((this.#inFlight.get(leader.leaderId) ?? 0) >= config.inFlightMax) return false;
    const backOffMs = connections.backOffMs(leader.leaderId);
    if (backOffMs > 0) {
      this.#wakeMs = Math.min(this.#wakeMs, nowMs + backOffMs);
      return false;
    }
    if (!first.isClosed && !this.#pack(first)) return false;
    const request = byNode.get(leader.leaderId);
    if (request !== undefined && request.bytes + first.sizeBytes > config.requestBytesMax) return false;
    const { producer } = this.#identity;
    if (producer !== null && config.isIdempotent && !queue.assignSequence(producer)) return false;
    queue.takeFirst();
    first.stamp();
    if (request === undefined) byNode.set(leader.leaderId, { batches: [first], bytes: first.sizeBytes });
    else {
      request.batches.push(first);
      request.bytes += first.sizeBytes;
    }
    return true;
  }

  #isDue(queue: PartitionQueue, first: ProducerBatch, nowMs: number): boolean {
    const { config } = this.#options;
    if (first.attempts > 0) {
      if (first.retryAtMs <= nowMs) return true;
      this.#wakeMs = Math.min(this.#wakeMs, first.retryAtMs);
      return false;
    }
    if (queue.waiting.length > 1 || first.isFull || this.#flushes > 0) return true;
    const dueMs = first.createdMs + config.lingerMs;
    if (dueMs <= nowMs || this.#options.isMemoryShort()) return true;
    this.#wakeMs = Math.min(this.#wakeMs, dueMs);
    return false;
  }

  #beginEpoch(queue: PartitionQueue): boolean {
    if (queue.hasBatchOnWire) return false;
    // Another partition may have begun the next epoch already.
    const isPresent = queue.producer === this.#identity.producer;
    const producer = isPresent ? this.#identity.nextEpoch() : this.#identity.producer;
    if (producer === null) return false;
    queue.renumber(producer);
    return true;
  }

  /** Closes the batch; false while it is compressed off the loop. */
  #pack(batch: ProducerBatch): boolean {
    const { config, connections } = this.#options;
    const { compression, compressionLevel } = config;
    const { zip } = connections.ports;
    if (compression === COMPRESSION_NONE) {
      batch.close(COMPRESSION_NONE, null);
      return true;
    }
    const { body } = batch;
    if (body.length <= COMPRESSED_ON_LOOP_BYTES_MAX) {
      try {
        this.#packed(batch, compressBody(compression, body, zip, compressionLevel));
      } catch (error) {
        if (!(error instanceof RecordsError)) throw error;
        this.#packed(batch, error);
      }
      return batch.isClosed;
    }
    batch.beginPacking();
    compressBodyLater(compression, body, zip, compressionLevel, (result) => {
      batch.endPacking();
      this.#packed(batch, result);
      this.wake();
    });
    return false;
  }

  #packed(batch: ProducerBatch, result: Uint8Array | RecordsError): void {
    if (!(result instanceof RecordsError)) {
      const bodyBytes = batch.body.length;
      batch.close(this.#options.config.compression, result);
      this.#options.accumulator.packed(batch, bodyBytes);
      return;
    }
    const message = `The records could not be compressed: ${result.message}`;
    this.#fail(batch, new KafkaError(errors.UNKNOWN_SERVER_ERROR, message, { cause: result }));
  }

  #send(nodeId: number, batches: readonly ProducerBatch[]): void {
    const { config, connections, metrics } = this.#options;
    const call = new ProduceCall(batches, connections.metadata);
    this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 0) + 1);
    metrics.requestSent(batches);
    const { versionMax } = call;
    connections.sendOrForget(
      nodeId,
      produceApi,
      (version) => call.request(version, config.acks, config.requestTimeoutMs),
      {
        timeoutMs: config.requestTimeoutMs,
        unanswered: config.acks === 0,
        ...(versionMax === undefined ? {} : { versionMax }),
      },
      (result) => {
        this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 1) - 1);
        this.#answered(call, result);
        this.wake();
        this.#options.onSettled();
      },
    );
  }

  #answered(call: ProduceCall, result: LinkResult<ProduceResponse>): void {
    for (const batch of call.batches) batch.isOnWire = false;
    if (result.kind === "failed") {
      const error = errorOfRpc(result.error);
      for (const batch of call.batches) this.#retryOrFail(batch, error, null);
      if (error.spec.invalidatesMetadata) this.#options.connections.requestUpdate();
      return;
    }
    if (result.kind === "unanswered") {
      for (const batch of call.batches) this.#complete(batch, -1, -1);
      return;
    }
    const { response, version, correlationId } = result;
    const { metadata } = this.#options.connections;
    if (response.nodeEndpoints.length > 0) {
      metadata.addNodes(
        response.nodeEndpoints.map(({ nodeId: id, host, port, rack }) => ({ id, host, port, rack })),
      );
    }
    const answers = call.answers(response, version);
    call.batches.forEach((batch, index) => this.#answeredBatch(batch, answers[index] ?? null, correlationId));
  }

  #answeredBatch(batch: ProducerBatch, answer: PartitionAnswer | null, correlationId: number): void {
    if (answer === null) {
      const error = new KafkaError(errors.UNKNOWN_SERVER_ERROR, "The answer leaves a partition out.");
      this.#retryOrFail(batch, error, correlationId);
      return;
    }
    const spec = errorForCode(answer.errorCode);
    if (spec === errors.NONE || spec === errors.DUPLICATE_SEQUENCE_NUMBER) {
      this.#complete(batch, Number(answer.baseOffset), Number(answer.logAppendTimeMs));
      return;
    }
    if (spec.invalidatesMetadata) {
      const { leaderId, leaderEpoch } = answer.currentLeader;
      const { metadata } = this.#options.connections;
      const isNews =
        leaderId >= 0 && metadata.updateLeader(batch.topic, batch.partition, leaderId, leaderEpoch);
      if (!isNews) this.#options.connections.requestUpdate();
    }
    const message = answer.errorMessage ?? answer.recordErrors[0]?.batchIndexErrorMessage ?? null;
    this.#retryOrFail(batch, new KafkaError(spec, message), correlationId);
  }

  /** `correlationId`: of the answer, if there is one. */
  #retryOrFail(batch: ProducerBatch, error: KafkaError, correlationId: number | null): void {
    const queue = this.#options.accumulator.incomplete.get(batch);
    if (queue === undefined) return;
    if (batch.isDone) {
      // It timed out meanwhile, and whether it is stored is open.
      this.#forget(batch, queue, true);
      return;
    }
    if (error.spec === errors.MESSAGE_TOO_LARGE && batch.count > 1) {
      this.#split(batch, queue);
      return;
    }
    if (!this.#canRetry(batch, queue, error)) {
      this.#fail(batch, error);
      return;
    }
    const { connections, config, metrics } = this.#options;
    const left = config.retries - batch.attempts;
    const id = correlationId === null ? "" : ` with correlation id ${correlationId}`;
    connections.logger.warn(
      `Got error produce response${id} on topic-partition ${batch.topic}-${batch.partition}, ` +
        `retrying (${left} attempts left). Error: ${error.name}`,
      ORIGIN,
    );
    metrics.retried(batch.topic, batch.count);
    batch.retryAtMs = connections.nowMs() + connections.retryBackOff.delayMs(batch.attempts - 1);
    queue.retry(batch);
  }

  #canRetry(batch: ProducerBatch, queue: PartitionQueue, error: KafkaError): boolean {
    const { config, connections } = this.#options;
    if (this.#isClosed || batch.attempts > config.retries) return false;
    if (connections.nowMs() >= batch.createdMs + config.deliveryTimeoutMs) return false;
    if (!config.isIdempotent) return error.isRetriable;
    switch (error.spec) {
      case errors.OUT_OF_ORDER_SEQUENCE_NUMBER:
        // Behind one that failed it is no wonder; the oldest one shows that the broker lost count.
        if (queue.sent[0] === batch) queue.needsNewEpoch = true;
        return true;
      case errors.UNKNOWN_PRODUCER_ID:
      case errors.INVALID_PRODUCER_EPOCH:
        queue.needsNewEpoch = true;
        return true;
      default:
        return error.isRetriable;
    }
  }

  #split(batch: ProducerBatch, queue: PartitionQueue): void {
    const { accumulator, connections } = this.#options;
    const parts = splitBatch(batch, connections.ports.zip, (bytes) =>
      accumulator.beginPart(queue, batch.createdMs, bytes),
    );
    connections.logger.warn(
      `The batch of ${batch.count} records for ${batch.topic}-${batch.partition} was too large; ` +
        `it is sent as ${parts.length}.`,
      ORIGIN,
    );
    this.#options.metrics.split();
    queue.replace(batch, parts);
    batch.parts = parts;
    batch.isDone = true;
    accumulator.release(batch, true);
    accumulator.active.add(queue);
  }

  #complete(batch: ProducerBatch, baseOffset: number, logAppendTime: number): void {
    const queue = this.#options.accumulator.incomplete.get(batch);
    if (queue === undefined) return;
    this.#forget(batch, queue, false);
    this.#options.metrics.delivered(batch.count);
    this.#report(batch, batch.complete(baseOffset, logAppendTime));
  }

  /** The end of a batch that is not delivered, unless a request still holds it. */
  #fail(batch: ProducerBatch, error: KafkaError): void {
    const queue = this.#options.accumulator.incomplete.get(batch);
    if (queue === undefined) return;
    if (!batch.isOnWire) this.#forget(batch, queue, batch.attempts > 0);
    if (batch.isDone) return;
    this.#options.metrics.failed(batch.topic, batch.count);
    this.#report(batch, batch.fail(error));
  }

  #giveUp(batch: ProducerBatch, error: KafkaError): void {
    this.#fail(batch, error);
    this.#options.onSettled();
  }

  /** `isUncertain`: the broker may or may not have stored it, so sequences cannot go on. */
  #forget(batch: ProducerBatch, queue: PartitionQueue, isUncertain: boolean): void {
    queue.settle(batch);
    if (isUncertain && this.#options.config.isIdempotent) queue.needsNewEpoch = true;
    this.#options.accumulator.release(batch, !batch.isPacking);
  }

  #report(batch: ProducerBatch, thrown: readonly unknown[]): void {
    for (const bug of thrown) {
      this.#options.connections.logger.error(
        `Error executing user-provided callback on message for topic-partition '${batch.topic}-${batch.partition}': ` +
          `${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`,
        "org.apache.kafka.clients.producer.internals.ProducerBatch",
      );
    }
  }

  /** Gives up batches that are too old. */
  #expire(): void {
    const { accumulator, config, connections } = this.#options;
    const nowMs = connections.nowMs();
    for (const queue of accumulator.active) {
      for (const list of [queue.sent, queue.waiting]) {
        let at = 0;
        for (let batch = list[at]; batch !== undefined; batch = list[at]) {
          const dueMs = batch.createdMs + config.deliveryTimeoutMs;
          if (dueMs > nowMs) {
            // Younger ones follow.
            this.#wakeMs = Math.min(this.#wakeMs, dueMs);
            break;
          }
          const waitedMs = Math.round(nowMs - batch.createdMs);
          const name = `${batch.topic}-${batch.partition}:${waitedMs} ms`;
          const message = `Expiring ${batch.count} record(s) for ${name} has passed since batch creation`;
          if (!batch.isDone) this.#giveUp(batch, new TimeoutError(message));
          // One that a request holds stays until that is over.
          if (list[at] === batch) at += 1;
        }
      }
    }
  }
}
