// Calls the user's rebalance listener and keeps the first thing that it throws: a rebalance goes through to
// its end, and only then the poll throws.
import { errors } from "@ottla/protocol";
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import type { ClientLogger } from "../../environment/client-environment.ts";
import { KafkaError } from "../../errors/kafka-error.ts";
import type { WindowedValues } from "../../metrics/windowed-values.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { partitionKey } from "../topic-partition-map.ts";
import type { GroupMetrics } from "./group-metrics.ts";
import type { RebalanceListener } from "./rebalance-listener.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.ConsumerRebalanceListenerInvoker";

export class RebalanceCallbacks {
  listener: RebalanceListener = {};
  readonly #logger: ClientLogger;
  readonly #metrics: GroupMetrics;
  readonly #nowMs: () => number;
  #error: unknown = null;

  constructor({ logger, metrics, connections }: ConsumerContext) {
    this.#logger = logger;
    this.#metrics = metrics.group;
    this.#nowMs = () => connections.nowMs();
  }

  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    this.#logger.info(`Revoke previously assigned partitions [${namesOf(partitions)}]`, ORIGIN);
    await this.#call(this.#metrics.revoked, () => this.listener.onPartitionsRevoked?.(partitions));
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    this.#logger.info(`Adding newly assigned partitions: [${namesOf(partitions)}]`, ORIGIN);
    await this.#call(this.#metrics.assigned, () => this.listener.onPartitionsAssigned?.(partitions));
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    this.#logger.info(`Lost previously assigned partitions [${namesOf(partitions)}]`, ORIGIN);
    await this.#call(this.#metrics.lost, () =>
      this.listener.onPartitionsLost === undefined
        ? this.listener.onPartitionsRevoked?.(partitions)
        : this.listener.onPartitionsLost(partitions),
    );
  }

  /** Throws what a callback threw since the last time. */
  throwError(): void {
    const cause = this.#error;
    this.#error = null;
    if (cause === null) return;
    if (cause instanceof KafkaError) throw cause;
    throw new KafkaError(errors.UNKNOWN_SERVER_ERROR, "User rebalance callback throws an error", { cause });
  }

  async #call(took: WindowedValues, callback: () => void | Promise<void>): Promise<void> {
    const startMs = this.#nowMs();
    try {
      await callback();
    } catch (error) {
      this.#error ??= error;
    }
    took.record(this.#nowMs() - startMs, this.#nowMs());
  }
}

function namesOf(partitions: readonly TopicPartition[]): string {
  return partitions.map(partitionKey).join(", ");
}
