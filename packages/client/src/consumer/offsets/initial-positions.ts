// First positions of newly assigned partitions, in the background: the group's committed offset, else what
// the reset policy says. Errors that will not pass are kept for the next poll to throw.
import { KafkaError } from "../../errors/kafka-error.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { NoOffsetForPartitionError } from "../consumer-errors.ts";
import { nameOf } from "../fetch/fetch-errors.ts";
import type { GroupCoordinator } from "../membership/group-coordinator.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import { type CommittedOffsets, fetchCommitted } from "./committed-offsets.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.ConsumerUtils";

export class InitialPositions {
  readonly #context: ConsumerContext;
  readonly #coordinator: GroupCoordinator | null;
  #error: KafkaError | null = null;

  /** Without a coordinator nothing is committed. */
  constructor(context: ConsumerContext, coordinator: GroupCoordinator | null) {
    this.#context = context;
    this.#coordinator = coordinator;
  }

  /** Starts what is due. Throws the error of an earlier attempt. */
  run(): void {
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
    const nowMs = this.#context.connections.nowMs();
    const waiting: PartitionState[] = [];
    for (const state of this.#context.subscription.partitions) {
      if (state.isInitializing && !state.isLookingUp && state.retryAtMs <= nowMs) waiting.push(state);
    }
    if (waiting.length === 0) return;
    if (this.#coordinator === null) this.#reset(waiting);
    else if (this.#coordinator.ensureKnown()) this.#fetchCommitted(this.#coordinator, waiting);
    if (this.#error !== null) this.run();
  }

  #fetchCommitted(coordinator: GroupCoordinator, states: readonly PartitionState[]): void {
    for (const state of states) state.isLookingUp = true;
    fetchCommitted(this.#context, coordinator, states, (result) => {
      for (const state of states) state.isLookingUp = false;
      const { subscription, signal } = this.#context;
      const left = states.filter((state) => subscription.has(state) && state.isInitializing);
      if (result instanceof KafkaError) this.#failed(left, result);
      else this.#take(left, result);
      signal.notify();
    });
  }

  #take(states: readonly PartitionState[], committed: CommittedOffsets): void {
    const without: PartitionState[] = [];
    for (const state of states) {
      const found = committed.get(state);
      if (found === undefined || found === null) {
        this.#context.logger.info(`Found no committed offset for partition ${nameOf(state)}`, ORIGIN);
        without.push(state);
        continue;
      }
      this.#context.logger.info(
        `Setting offset for partition ${nameOf(state)} to the committed offset ${found.offset}`,
        ORIGIN,
      );
      state.seek(found.offset, found.leaderEpoch);
      // The epoch was another leader's, perhaps: what it says is checked before anything is read.
      state.needsValidation = found.leaderEpoch !== null;
    }
    if (without.length > 0) this.#reset(without);
  }

  #reset(states: readonly PartitionState[]): void {
    const strategy = this.#context.settings.offsetReset;
    if (strategy.kind === "none") this.#error ??= new NoOffsetForPartitionError(states);
    else for (const state of states) state.requestReset(strategy);
  }

  #failed(states: readonly PartitionState[], error: KafkaError): void {
    if (!error.isRetriable) {
      this.#error ??= error;
      return;
    }
    const { connections, signal } = this.#context;
    const delayMs = connections.retryBackOff.delayMs(0);
    for (const state of states) state.retryAtMs = connections.nowMs() + delayMs;
    signal.notifyAfter(delayMs);
  }
}
