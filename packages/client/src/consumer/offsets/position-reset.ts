// Finds positions for partitions that wait for a reset, in the background: a failed look-up is tried again
// after a back-off, an error that will not pass is kept for the next poll to throw. An answer is used only if
// the partition still waits for the very same reset: the user may have sought elsewhere.
import { errors } from "@ottla/protocol";
import { KafkaError } from "../../errors/kafka-error.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { nameOf } from "../fetch/fetch-errors.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import { isWorthAskingAgain, lookUpOffsets, type OffsetAnswer } from "./offset-lookup.ts";
import { type OffsetResetStrategy, resetTimestamp } from "./offset-reset-strategy.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.SubscriptionState";
const LATEST_TIMESTAMP = -1;

interface ResetQuery {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly state: PartitionState;
  readonly strategy: OffsetResetStrategy;
}

export class PositionReset {
  readonly #context: ConsumerContext;
  #error: KafkaError | null = null;
  #retryAtMs = 0;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  /** Sends look-ups that are due. Throws the error of an earlier one. */
  run(): void {
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
    const { connections, subscription } = this.#context;
    const nowMs = connections.nowMs();
    const queries: ResetQuery[] = [];
    for (const state of subscription.partitions) {
      const strategy = state.reset;
      if (strategy === null || state.isLookingUp || state.retryAtMs > nowMs) continue;
      const timestamp = resetTimestamp(strategy, connections.ports.clock.wallMs());
      if (timestamp === null) continue;
      // Its metadata is on the way, and the signal tells when it is there.
      if (connections.metadata.leader(state.topic, state.partition) === null) {
        connections.requestUpdate();
        continue;
      }
      state.isLookingUp = true;
      queries.push({ topic: state.topic, partition: state.partition, timestamp, state, strategy });
    }
    if (queries.length === 0) return;
    lookUpOffsets(this.#context, queries, (query, answer) => this.#answered(query, answer));
  }

  #answered(query: ResetQuery, answer: OffsetAnswer): void {
    const { state, strategy } = query;
    const { subscription, logger, signal } = this.#context;
    state.isLookingUp = false;
    if (!subscription.has(state) || state.reset !== strategy) return;
    if (answer instanceof KafkaError) {
      this.#failed(state, answer);
    } else if (answer === null) {
      // No record is so new: begin at the end.
      if (strategy.kind === "duration") this.#lookUpEnd(query);
      else this.#failed(state, new KafkaError(errors.OFFSET_NOT_AVAILABLE));
    } else {
      logger.info(`Resetting offset for partition ${nameOf(state)} to position ${answer.offset}.`, ORIGIN);
      state.seek(answer.offset, answer.leaderEpoch);
      signal.notify();
    }
  }

  #lookUpEnd(query: ResetQuery): void {
    query.state.isLookingUp = true;
    const atEnd: ResetQuery = { ...query, timestamp: LATEST_TIMESTAMP };
    lookUpOffsets(this.#context, [atEnd], (_, answer) => {
      if (answer === null) query.state.isLookingUp = false;
      else this.#answered(query, answer);
    });
  }

  #failed(state: PartitionState, error: KafkaError): void {
    const { connections, signal } = this.#context;
    if (!isWorthAskingAgain(error)) {
      this.#error ??= error;
      signal.notify();
      return;
    }
    connections.requestUpdate();
    const nowMs = connections.nowMs();
    // Partitions that fail together are tried again together.
    if (this.#retryAtMs <= nowMs) {
      const delayMs = connections.retryBackOff.delayMs(0);
      this.#retryAtMs = nowMs + delayMs;
      signal.notifyAfter(delayMs);
    }
    state.retryAtMs = this.#retryAtMs;
  }
}
