// A broker's answer for one partition, from its arrival until the user has taken all of it. Errors are judged
// here, at the first look: stale leaders lead to fresh metadata, a position out of range to a reset, and
// what the user has to know is thrown.
import { errorForCode, errors, type FetchResponse } from "@ottla/protocol";
import { KafkaError } from "../../errors/kafka-error.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { OffsetOutOfRangeError } from "../consumer-errors.ts";
import type { ConsumerRecord } from "../records/consumer-record.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import { nameOf } from "./fetch-errors.ts";
import type { FetchSum } from "./fetch-metrics.ts";
import { FetchedPartition } from "./fetched-partition.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.FetchCollector";
const NO_BYTES = new Uint8Array(0);

/** Leaders or replicas that moved, or are not ready. */
const STALE_METADATA: ReadonlySet<number> = new Set([
  errors.NOT_LEADER_OR_FOLLOWER.code,
  errors.REPLICA_NOT_AVAILABLE.code,
  errors.KAFKA_STORAGE_ERROR.code,
  errors.FENCED_LEADER_EPOCH.code,
  errors.OFFSET_NOT_AVAILABLE.code,
  errors.UNKNOWN_TOPIC_OR_PARTITION.code,
  errors.UNKNOWN_TOPIC_ID.code,
  errors.INCONSISTENT_TOPIC_ID.code,
]);

export class FetchAnswer {
  readonly nodeId: number;
  readonly state: PartitionState;
  readonly hasBytes: boolean;
  /** Counts what is taken of the whole answer. */
  readonly sum: FetchSum;
  /** Everything is taken, or there was nothing to take. */
  isDone = false;
  readonly #context: ConsumerContext;
  readonly #fetchOffset: number;
  readonly #data: FetchResponse.PartitionData;
  #fetched: FetchedPartition | null = null;

  constructor(
    context: ConsumerContext,
    nodeId: number,
    sum: FetchSum,
    state: PartitionState,
    fetchOffset: number,
    data: FetchResponse.PartitionData,
  ) {
    this.nodeId = nodeId;
    this.sum = sum;
    this.state = state;
    this.#context = context;
    this.#fetchOffset = fetchOffset;
    this.#data = data;
    this.hasBytes = data.records !== null && data.records.length > 0;
  }

  /** Where reading this answer goes on. */
  get nextOffset(): number {
    return this.#fetched?.nextOffset ?? this.#fetchOffset;
  }

  /** Bytes of records taken so far. */
  get bytesTaken(): number {
    return this.#fetched?.bytesTaken ?? 0;
  }

  get lastEpoch(): number | null {
    return this.#fetched?.lastEpoch ?? null;
  }

  /** Adds up to `countMax` records. Throws what the user has to know. */
  take(countMax: number, into: ConsumerRecord[]): void {
    this.#fetched ??= this.#open();
    if (this.#fetched === null) {
      this.isDone = true;
      return;
    }
    if (this.#fetched.take(countMax, into) === "drained") this.isDone = true;
  }

  #open(): FetchedPartition | null {
    const { state } = this;
    const data = this.#data;
    if (data.errorCode !== errors.NONE.code) {
      this.isDone = true;
      this.#judge(data.errorCode);
      return null;
    }
    const { settings, connections, signal } = this.#context;
    if (data.highWatermark >= 0n) state.highWatermark = Number(data.highWatermark);
    if (data.lastStableOffset >= 0n) state.lastStableOffset = Number(data.lastStableOffset);
    if (data.logStartOffset >= 0n) state.logStartOffset = Number(data.logStartOffset);
    if (data.preferredReadReplica >= 0) {
      const untilMs = connections.nowMs() + settings.metadataAgeMsMax;
      state.preferredReplica = { nodeId: data.preferredReadReplica, untilMs };
    }
    return new FetchedPartition(
      {
        topic: state.topic,
        partition: state.partition,
        records: data.records ?? NO_BYTES,
        fetchOffset: this.#fetchOffset,
        abortedTransactions: settings.isReadCommitted ? (data.abortedTransactions ?? []) : null,
        checksCrcs: settings.checksCrcs,
      },
      connections.ports.zip,
      () => signal.notify(),
    );
  }

  #judge(code: number): void {
    const { connections, logger } = this.#context;
    const spec = errorForCode(code);
    const { state } = this;
    if (STALE_METADATA.has(code)) {
      state.preferredReplica = null;
      const leader = connections.metadata.leader(state.topic, state.partition);
      // The answer may have named the new leader (KIP-951): then nothing is to be waited for.
      if (leader !== null && leader.node !== null && leader.leaderId !== this.nodeId) return;
      logger.debug(`Fetch of ${nameOf(state)} failed with ${spec.name}; metadata is refreshed`, ORIGIN);
      connections.requestUpdate();
      this.#retryLater();
    } else if (code === errors.OFFSET_OUT_OF_RANGE.code) {
      this.#outOfRange();
    } else if (code === errors.UNKNOWN_LEADER_EPOCH.code || code === errors.UNKNOWN_SERVER_ERROR.code) {
      logger.warn(`Fetch of ${nameOf(state)} failed with ${spec.name} and is tried again`, ORIGIN);
      this.#retryLater();
    } else if (code === errors.CORRUPT_MESSAGE.code) {
      const text = `Encountered corrupt message when fetching offset ${this.#fetchOffset} for topic-partition`;
      throw new KafkaError(spec, `${text} ${nameOf(state)}`);
    } else if (code === errors.TOPIC_AUTHORIZATION_FAILED.code) {
      throw new KafkaError(spec, `Not authorized to access topics: [${state.topic}]`);
    } else {
      throw new KafkaError(spec);
    }
  }

  #outOfRange(): void {
    const { settings, logger } = this.#context;
    const { state } = this;
    if (state.preferredReplica !== null) {
      // The follower may lag behind: the leader knows better.
      state.preferredReplica = null;
      return;
    }
    const strategy = settings.offsetReset;
    if (strategy.kind === "none") throw new OffsetOutOfRangeError(state, this.#fetchOffset);
    const text = `Fetch position ${this.#fetchOffset} is out of range for partition ${nameOf(state)}, resetting offset`;
    logger.info(text, ORIGIN);
    state.requestReset(strategy);
  }

  #retryLater(): void {
    const { connections, signal } = this.#context;
    const delayMs = connections.retryBackOff.delayMs(0);
    this.state.retryAtMs = connections.nowMs() + delayMs;
    signal.notifyAfter(delayMs);
  }
}
