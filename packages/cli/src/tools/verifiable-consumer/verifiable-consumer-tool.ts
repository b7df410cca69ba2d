// kafka-verifiable-consumer: reads a topic as a member of a group and prints a line of JSON for each thing
// that happens: partitions that come and go, records read, offsets committed.
import {
  type ClientSettings,
  Consumer,
  type ConsumerRecords,
  type TopicPartition,
  WakeupError,
} from "@ottla/client";
import { errorMessage, errorTrace } from "../../options/java-exception.ts";
import { signalExitCodes } from "../../options/process-host.ts";
import { logLine, toolEnvironment } from "../../options/tool-client.ts";
import type { Tool, ToolHost, ToolSignal } from "../../options/tool-host.ts";
import { argumentTool, type ToolArguments } from "../client-tool/argument-tool.ts";
import { configArgument } from "../client-tool/config-argument.ts";
import { eventPrinter, type PrintEvent } from "../client-tool/json-events.ts";
import { verifiableConsumerCommand } from "./verifiable-consumer-options.ts";

const LOGGER = "org.apache.kafka.tools.VerifiableConsumer";
const CLASSIC_PROTOCOL = "classic";
const RANGE_ASSIGNOR = "org.apache.kafka.clients.consumer.RangeAssignor";
/** Longest wait of one poll. */
const POLL_MS = 2 ** 31 - 1;

/** kafka-verifiable-consumer. */
export const verifiableConsumerTool: Tool = argumentTool(verifiableConsumerCommand, async (given, host) => {
  const settings = consumerSettings(given, host);
  return await new VerifiableConsumer(given, new Consumer(settings, toolEnvironment(host)), host).run();
});

function consumerSettings(given: ToolArguments, host: ToolHost): ClientSettings {
  const protocol = given.value("--group-protocol") ?? CLASSIC_PROTOCOL;
  const isClassic = protocol.toLowerCase() === CLASSIC_PROTOCOL;
  const assignor = given.value("--group-remote-assignor");
  const instance = given.value("--group-instance-id");
  const sessionMs = given.value("--session-timeout");
  return {
    ...configArgument(given, "--consumer.config", host),
    ...(isClassic
      ? { "partition.assignment.strategy": given.value("--assignment-strategy") ?? RANGE_ASSIGNOR }
      : { "group.protocol": protocol, ...(assignor === null ? {} : { "group.remote.assignor": assignor }) }),
    "group.id": given.value("--group-id") ?? "",
    ...(instance === null ? {} : { "group.instance.id": instance }),
    "bootstrap.servers": given.value("--bootstrap-server") ?? "",
    "enable.auto.commit": given.has("--enable-autocommit"),
    "auto.offset.reset": given.value("--reset-policy") ?? "earliest",
    ...(sessionMs === null ? {} : { "session.timeout.ms": sessionMs }),
  };
}

type Offsets = readonly (readonly [TopicPartition, { readonly offset: number }])[];

class VerifiableConsumer {
  readonly #host: ToolHost;
  readonly #consumer: Consumer;
  readonly #print: PrintEvent;
  readonly #topic: string;
  readonly #recordsMax: number;
  readonly #isVerbose: boolean;
  readonly #commits: boolean;
  #consumed = 0;
  #signal: ToolSignal | null = null;

  constructor(given: ToolArguments, consumer: Consumer, host: ToolHost) {
    this.#host = host;
    this.#consumer = consumer;
    this.#print = eventPrinter(host);
    this.#topic = given.value("--topic") ?? "";
    const recordsMax = given.number("--max-messages") ?? -1;
    this.#recordsMax = recordsMax < 0 ? Number.POSITIVE_INFINITY : recordsMax;
    this.#isVerbose = given.has("--verbose");
    this.#commits = !given.has("--enable-autocommit");
  }

  async run(): Promise<number> {
    const stopListening = this.#host.onSignal((signal) => {
      if (this.#signal !== null) return;
      this.#signal = signal;
      this.#print("shutdown_requested");
      this.#consumer.wakeup();
    });
    try {
      await this.#readAll();
    } catch (error) {
      if (!(error instanceof WakeupError)) {
        logLine(this.#host, "ERROR", "Error during processing, terminating consumer process: ", LOGGER);
        this.#host.err(errorTrace(error));
      }
    }
    await this.#consumer.close();
    stopListening();
    this.#print("shutdown_complete");
    if (this.#signal === null) this.#print("shutdown_requested");
    return this.#signal === null ? 0 : signalExitCodes[this.#signal];
  }

  async #readAll(): Promise<void> {
    this.#print("startup_complete");
    this.#consumer.subscribe([this.#topic], {
      onPartitionsAssigned: (partitions) =>
        this.#print("partitions_assigned", { partitions: inOrder(partitions) }),
      onPartitionsRevoked: (partitions) =>
        this.#print("partitions_revoked", { partitions: inOrder(partitions) }),
    });
    while (this.#consumed < this.#recordsMax) {
      const polled = await this.#consumer.poll(POLL_MS);
      const offsets = this.#received(polled);
      if (this.#commits) await this.#commit(offsets);
      await this.#host.drained();
    }
  }

  /** Prints what was read; answers the offsets behind it. */
  #received(polled: ConsumerRecords): Offsets {
    const offsets: [TopicPartition, { readonly offset: number }][] = [];
    const summaries: object[] = [];
    for (const { topic, partition, records } of polled.partitions) {
      const taken = records.slice(0, this.#recordsMax - this.#consumed);
      const first = taken[0];
      const last = taken.at(-1);
      if (first === undefined || last === undefined) continue;
      offsets.push([{ topic, partition }, { offset: last.offset + 1 }]);
      summaries.push({
        topic,
        partition,
        count: taken.length,
        minOffset: first.offset,
        maxOffset: last.offset,
      });
      if (this.#isVerbose) for (const record of taken) this.#printRecord(record);
      this.#consumed += taken.length;
    }
    this.#print("records_consumed", { count: polled.count, partitions: summaries });
    return offsets;
  }

  #printRecord(record: {
    readonly key: Uint8Array | null;
    readonly value: Uint8Array | null;
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  }): void {
    const text = (bytes: Uint8Array | null): string | null =>
      bytes === null ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const { topic, partition, offset } = record;
    this.#print("record_data", {
      key: text(record.key),
      value: text(record.value),
      topic,
      partition,
      offset,
    });
  }

  async #commit(offsets: Offsets): Promise<void> {
    try {
      await this.#consumer.commit(offsets);
      this.#printCommit(offsets, null);
    } catch (error) {
      // A wakeup ends one call only: what was read is committed, then the tool ends.
      if (error instanceof WakeupError) {
        await this.#commit(offsets);
        throw error;
      }
      this.#printCommit(offsets, errorMessage(error));
    }
  }

  #printCommit(offsets: Offsets, error: string | null): void {
    const committed = offsets.map(([{ topic, partition }, { offset }]) => ({ topic, partition, offset }));
    const failure = error === null ? {} : { error };
    this.#print("offsets_committed", { offsets: committed, ...failure, success: error === null });
  }
}

/** By topic and number, as Kafka lists an assignment. */
function inOrder(partitions: readonly TopicPartition[]): TopicPartition[] {
  const plain = partitions.map(({ topic, partition }) => ({ topic, partition }));
  return plain.sort((left, right) =>
    left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1,
  );
}
