// The loop behind `poll`: membership first, then positions, then records; what is missing is on its way in
// the background, and the signal tells when to look again. A poll that has records at hand gives them without
// waiting, but lets the loop run now and then, so that a user who never waits elsewhere starves nobody.
import { errors } from "@ottla/protocol";
import { KafkaError } from "../errors/kafka-error.ts";
import type { ConsumerContext } from "./consumer-context.ts";
import { WakeupError } from "./consumer-errors.ts";
import { Fetcher } from "./fetch/fetcher.ts";
import { POLL_SLICE_MS } from "./limits.ts";
import type { GroupCoordinator } from "./membership/group-coordinator.ts";
import type { GroupRebalance } from "./membership/group-rebalance.ts";
import { InitialPositions } from "./offsets/initial-positions.ts";
import { PositionReset } from "./offsets/position-reset.ts";
import { PositionValidation } from "./offsets/position-validation.ts";
import { ConsumerRecords } from "./records/consumer-records.ts";

export class ConsumerPoll {
  readonly fetcher: Fetcher;
  readonly #context: ConsumerContext;
  readonly #group: GroupRebalance | null;
  readonly #initial: InitialPositions;
  readonly #reset: PositionReset;
  readonly #validation: PositionValidation;
  #isPolling = false;
  #isWokenUp = false;
  #isClosed = false;
  #metadataVersion = -1;
  #lastTurnMs = Number.NEGATIVE_INFINITY;

  constructor(context: ConsumerContext, coordinator: GroupCoordinator | null, group: GroupRebalance | null) {
    this.#context = context;
    this.#group = group;
    this.fetcher = new Fetcher(context);
    this.#initial = new InitialPositions(context, coordinator);
    this.#reset = new PositionReset(context);
    this.#validation = new PositionValidation(context);
  }

  /** Whether a poll is under way. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** Ends the wait that is under way, or the next one. */
  wakeup(): void {
    this.#isWokenUp = true;
    this.#context.signal.notify();
  }

  /** Ends the poll that is under way, without records. */
  close(): void {
    this.#isClosed = true;
    this.#context.signal.notify();
  }

  /** Throws if `wakeup` was called; once. */
  checkWakeup(): void {
    if (!this.#isWokenUp) return;
    this.#isWokenUp = false;
    throw new WakeupError();
  }

  /** Records, or none after `timeoutMs`. */
  async poll(timeoutMs: number): Promise<ConsumerRecords> {
    if (this.#isPolling) throw new Error("a poll of this consumer is under way");
    this.#isPolling = true;
    this.#context.metrics.pollBegins();
    try {
      return await this.#poll(timeoutMs);
    } finally {
      this.#context.metrics.pollEnds();
      this.#isPolling = false;
    }
  }

  /** Starts what is due to find positions. Throws what stands in the way of them for good. */
  findPositions(): void {
    this.#validation.run();
    this.#initial.run();
    this.#reset.run();
  }

  async #poll(timeoutMs: number): Promise<ConsumerRecords> {
    const { connections, signal, settings } = this.#context;
    const deadlineMs = connections.nowMs() + timeoutMs;
    for (;;) {
      if (this.#isClosed) return ConsumerRecords.empty;
      this.checkWakeup();
      const seen = signal.version;
      this.#checkMetadata();
      if (this.#group !== null) await this.#runGroup(this.#group);
      this.findPositions();
      const records = this.fetcher.collect(settings.pollRecordsMax);
      const isSent = this.fetcher.send();
      const nowMs = connections.nowMs();
      if (records !== null) {
        if (isSent || nowMs - this.#lastTurnMs > POLL_SLICE_MS) await this.#turn();
        return records;
      }
      if (nowMs >= deadlineMs) {
        await this.#turn();
        return ConsumerRecords.empty;
      }
      await signal.wait(seen, deadlineMs - nowMs);
      this.#lastTurnMs = connections.nowMs();
    }
  }

  async #runGroup(group: GroupRebalance): Promise<void> {
    if (this.#context.subscription.isByGroup) {
      for (let step = group.step(); step !== null; step = group.step()) await step;
    }
    group.commits.autoCommit(false);
  }

  /** Lets sockets and timers have their turn. */
  async #turn(): Promise<void> {
    const { ports } = this.#context.connections;
    await new Promise<void>((resolve) => ports.turn.nextSlice(resolve));
    this.#lastTurnMs = ports.clock.monotonicMs();
  }

  /** Topics that may not be read, or cannot exist, are the user's to know. */
  #checkMetadata(): void {
    const { metadata } = this.#context.connections;
    if (metadata.version === this.#metadataVersion) return;
    this.#metadataVersion = metadata.version;
    for (const [topic, spec] of metadata.topicErrors) {
      if (spec === errors.INVALID_TOPIC_EXCEPTION) throw new KafkaError(spec, `Invalid topics: [${topic}]`);
      if (spec === errors.TOPIC_AUTHORIZATION_FAILED) {
        throw new KafkaError(spec, `Not authorized to access topics: [${topic}]`);
      }
    }
  }
}
