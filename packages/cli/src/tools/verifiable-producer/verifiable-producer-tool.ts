// kafka-verifiable-producer: sends 0, 1, 2 … and prints a line of JSON for each answer. Invariant: every
// record sent is told once, as a success or as an error, before the summary.
import { type KafkaError, Producer, type RecordMetadata } from "@ottla/client";
import { errorMessage, exceptionName } from "../../options/java-exception.ts";
import { signalExitCodes } from "../../options/process-host.ts";
import { toolEnvironment } from "../../options/tool-client.ts";
import type { Tool, ToolHost, ToolSignal } from "../../options/tool-host.ts";
import { argumentTool, type ToolArguments } from "../client-tool/argument-tool.ts";
import { configArgument } from "../client-tool/config-argument.ts";
import { eventPrinter, type PrintEvent } from "../client-tool/json-events.ts";
import { RecordSender } from "../client-tool/record-sender.ts";
import { ThroughputThrottler } from "../client-tool/throughput-throttler.ts";
import { verifiableProducerCommand } from "./verifiable-producer-options.ts";

/** kafka-verifiable-producer. */
export const verifiableProducerTool: Tool = argumentTool(verifiableProducerCommand, async (given, host) => {
  const fromFile = configArgument(given, "--producer.config", host);
  const producer = new Producer(
    {
      "bootstrap.servers": given.value("--bootstrap-server") ?? "",
      acks: given.value("--acks") ?? "-1",
      // A failed send is to be seen.
      retries: 0,
      ...fromFile,
    },
    toolEnvironment(host),
  );
  return await new VerifiableProducer(given, producer, host).run();
});

/** A record's key and value. */
interface SentText {
  readonly key: string | null;
  readonly value: string;
}

class VerifiableProducer {
  readonly #host: ToolHost;
  readonly #sender: RecordSender;
  readonly #print: PrintEvent;
  readonly #topic: string;
  readonly #recordsMax: number;
  readonly #throughput: number;
  readonly #valuePrefix: string;
  readonly #repeatingKeys: number | null;
  readonly #startMs: number;
  #createTimeMs: number | null;
  #keyCounter = 0;
  #sent = 0;
  #acked = 0;
  #signal: ToolSignal | null = null;

  constructor(given: ToolArguments, producer: Producer, host: ToolHost) {
    this.#host = host;
    this.#sender = new RecordSender(producer, host.ports.turn, (error, metadata, sent) =>
      this.#answered(sent as SentText, error, metadata),
    );
    this.#print = eventPrinter(host);
    this.#topic = given.value("--topic") ?? "";
    const recordsMax = given.number("--max-messages") ?? -1;
    this.#recordsMax = recordsMax < 0 ? Number.POSITIVE_INFINITY : recordsMax;
    this.#throughput = given.number("--throughput") ?? -1;
    const prefix = given.number("--value-prefix");
    this.#valuePrefix = prefix === null ? "" : `${prefix}.`;
    this.#repeatingKeys = given.number("--repeating-keys");
    const createTimeMs = given.number("--message-create-time") ?? -1;
    this.#createTimeMs = createTimeMs === -1 ? null : createTimeMs;
    this.#startMs = host.ports.clock.wallMs();
  }

  async run(): Promise<number> {
    const stopListening = this.#host.onSignal((signal) => {
      this.#signal = signal;
    });
    await this.#sendAll();
    await this.#sender.close();
    stopListening();
    this.#print("shutdown_complete");
    const elapsedMs = this.#host.ports.clock.wallMs() - this.#startMs;
    this.#print(
      "tool_data",
      { sent: this.#sent, acked: this.#acked, target_throughput: this.#throughput },
      { avg_throughput: elapsedMs > 0 ? (1000 * this.#acked) / elapsedMs : 0 },
    );
    return this.#signal === null ? 0 : signalExitCodes[this.#signal];
  }

  async #sendAll(): Promise<void> {
    const { clock } = this.#host.ports;
    this.#print("startup_complete");
    const throttler = new ThroughputThrottler(this.#throughput, this.#startMs, this.#host.ports);
    for (let index = 0; index < this.#recordsMax && this.#signal === null; index++) {
      const sendStartMs = clock.wallMs();
      const mayGoOn = this.#send(this.#nextKey(), `${this.#valuePrefix}${index}`);
      if (mayGoOn !== null) await mayGoOn;
      // A line is printed for each record: a reader that is slow slows the sending.
      await this.#host.drained();
      if (throttler.shouldThrottle(index, sendStartMs)) await throttler.throttle();
    }
  }

  #nextKey(): string | null {
    if (this.#repeatingKeys === null) return null;
    const key = String(this.#keyCounter++);
    if (this.#keyCounter === this.#repeatingKeys) this.#keyCounter = 0;
    return key;
  }

  #send(key: string | null, value: string): Promise<void> | null {
    const encoder = new TextEncoder();
    const timestamp = this.#createTimeMs;
    if (timestamp !== null) {
      this.#createTimeMs = timestamp + this.#host.ports.clock.wallMs() - this.#startMs;
    }
    this.#sent += 1;
    const sent: SentText = { key, value };
    return this.#sender.send(
      {
        topic: this.#topic,
        key: key === null ? null : encoder.encode(key),
        value: encoder.encode(value),
        ...(timestamp === null ? {} : { timestamp }),
      },
      sent,
    );
  }

  #answered({ key, value }: SentText, error: KafkaError | null, metadata: RecordMetadata): void {
    if (error === null) {
      this.#acked += 1;
      const { offset, partition, topic } = metadata;
      this.#print("producer_send_success", { key, value, offset, partition, topic });
      return;
    }
    const exception = `class ${exceptionName(error)}`;
    this.#print("producer_send_error", {
      topic: this.#topic,
      key,
      value,
      exception,
      message: errorMessage(error),
    });
  }
}
