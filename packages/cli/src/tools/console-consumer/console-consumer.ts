// Reads records and prints them until it is told to stop. Invariants: no poll while standard output has not
// taken what it was given; what was polled and not printed is sought back, so that it is not committed; the
// count of records is the last line of standard error.
import {
  type ClientSettings,
  Consumer,
  type ConsumerRecord,
  type ConsumerRecords,
  offsetSpecs,
  WakeupError,
} from "@ottla/client";
import { errorTrace, JavaException } from "../../options/java-exception.ts";
import { signalExitCodes } from "../../options/process-host.ts";
import { logLine, toolEnvironment } from "../../options/tool-client.ts";
import type { ToolHost, ToolSignal } from "../../options/tool-host.ts";
import type { MessageFormatter } from "./formatters/message-formatter.ts";
import { POLL_MS_MAX } from "./limits.ts";
import { OutputBuffer } from "./output-buffer.ts";

export const CONSUMER_LOGGER = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const CLASSIC_PROTOCOL = "classic";
/** Word for word what Kafka says to a member of a classic group. */
const PROTOCOL_HINT =
  "The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. " +
  "See https://kafka.apache.org/documentation/#consumer_rebalance_protocol\n";

/** What is read: topics, or one partition from an offset (or from one of `offsetSpecs`). */
export type RecordOrigin =
  | { readonly kind: "subscription"; readonly topics: readonly string[] | RegExp }
  | {
      readonly kind: "partition";
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
    };

/** What a run does. */
export interface ConsumePlan {
  readonly settings: ClientSettings;
  readonly origin: RecordOrigin;
  /** Ends after so long without a record; below 0 never. */
  readonly timeoutMs: number;
  readonly formatter: MessageFormatter;
  /** Ends after so many records; −1 never. */
  readonly recordsMax: number;
  /** Goes on behind a record that cannot be shown. */
  readonly skipsErrors: boolean;
  /** Tells on standard output that it has stopped. */
  readonly tellsShutdown: boolean;
}

/** One run. */
export class ConsoleConsumer {
  readonly #plan: ConsumePlan;
  readonly #host: ToolHost;
  readonly #consumer: Consumer;
  readonly #output: OutputBuffer;
  #count = 0;
  #signal: ToolSignal | null = null;
  #isOutClosed = false;

  /** Throws what the consumer says of its settings. */
  constructor(plan: ConsumePlan, host: ToolHost) {
    this.#plan = plan;
    this.#host = host;
    this.#consumer = new Consumer(plan.settings, toolEnvironment(host));
    this.#output = new OutputBuffer(host.out);
  }

  /** Throws when a record cannot be shown. */
  async run(): Promise<number> {
    const stopListening = this.#host.onSignal((signal) => {
      this.#signal = signal;
      this.#consumer.wakeup();
    });
    const stopWatching = this.#host.onOutClosed?.(() => {
      this.#isOutClosed = true;
      this.#host.err("Unable to write to standard out, closing consumer.\n");
      this.#consumer.wakeup();
    });
    try {
      await this.#readAll();
    } finally {
      this.#output.flush();
      await this.#consumer.close();
      await this.#host.drained();
      this.#host.err(`Processed a total of ${this.#count} messages\n`);
      stopListening();
      stopWatching?.();
      if (this.#plan.tellsShutdown) this.#host.out("shutdown_complete\n");
    }
    return this.#signal === null ? 0 : signalExitCodes[this.#signal];
  }

  get #isDone(): boolean {
    return this.#plan.recordsMax !== -1 && this.#count >= this.#plan.recordsMax;
  }

  #begin(): void {
    const { origin, settings } = this.#plan;
    if (origin.kind === "subscription") {
      this.#consumer.subscribe(origin.topics);
      const protocol = settings["group.protocol"] ?? CLASSIC_PROTOCOL;
      if (String(protocol).toLowerCase() === CLASSIC_PROTOCOL) this.#host.err(PROTOCOL_HINT);
      return;
    }
    const { topic, partition, offset } = origin;
    this.#consumer.assign([{ topic, partition }]);
    if (offset === offsetSpecs.earliest) this.#consumer.seekToBeginning([{ topic, partition }]);
    else if (offset === offsetSpecs.latest) this.#consumer.seekToEnd([{ topic, partition }]);
    else this.#consumer.seek({ topic, partition }, offset);
  }

  async #readAll(): Promise<void> {
    this.#begin();
    while (!this.#isDone && this.#signal === null && !this.#isOutClosed) {
      let records: ConsumerRecords;
      try {
        records = await this.#receive();
      } catch (error) {
        if (!(error instanceof WakeupError))
          this.#tell("Error processing message, terminating consumer process: ", error);
        return;
      }
      this.#printAll(records);
      this.#output.flush();
      await this.#host.drained();
    }
  }

  /** The records of the first poll that has some. Throws when none came in time. */
  async #receive(): Promise<ConsumerRecords> {
    const { timeoutMs } = this.#plan;
    const { clock } = this.#host.ports;
    const startMs = clock.monotonicMs();
    const pollMs = timeoutMs < 0 ? POLL_MS_MAX : Math.min(timeoutMs, POLL_MS_MAX);
    for (;;) {
      const records = await this.#consumer.poll(pollMs);
      if (!records.isEmpty) return records;
      if (timeoutMs >= 0 && clock.monotonicMs() - startMs >= timeoutMs) {
        throw new JavaException("org.apache.kafka.common.errors.TimeoutException", "null");
      }
    }
  }

  #printAll(polled: ConsumerRecords): void {
    let failure: { readonly error: unknown } | null = null;
    for (const { topic, partition, records } of polled.partitions) {
      let taken = 0;
      while (taken < records.length && failure === null && !this.#isDone) {
        const record = records[taken++] as ConsumerRecord;
        this.#count += 1;
        failure = this.#print(record);
      }
      const rest = records[taken];
      if (rest !== undefined) this.#consumer.seek({ topic, partition }, rest.offset);
    }
    if (failure !== null) throw failure.error;
  }

  /** What ends the run, or null. */
  #print(record: ConsumerRecord): { readonly error: unknown } | null {
    try {
      this.#plan.formatter.write(record, this.#output);
    } catch (error) {
      if (!this.#plan.skipsErrors) return { error };
      this.#tell("Error processing message, skipping this message: ", error);
    }
    return null;
  }

  #tell(text: string, error: unknown): void {
    logLine(this.#host, "ERROR", text, CONSUMER_LOGGER);
    this.#host.err(errorTrace(error));
  }
}
