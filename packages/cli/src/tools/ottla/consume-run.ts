// One `ottla consume`: reads and prints until it is told to stop, has enough, or has read all that was there.
import { Consumer, type ConsumerRecord, type TopicPartition } from "@ottla/client";
import { signalExitCodes } from "../../options/process-host.ts";
import { toolEnvironment } from "../../options/tool-client.ts";
import type { ToolSignal } from "../../options/tool-host.ts";
import type { CommandContext } from "./command.ts";
import type { Row } from "./printer.ts";
import { Progress } from "./progress.ts";

const POLL_MS = 500;
const decoder = new TextDecoder();

/** One `ottla consume`. */
export class ConsumeRun {
  readonly #context: CommandContext;
  readonly #consumer: Consumer;
  readonly #recordsMax: number;
  #printed = 0;
  #signal: ToolSignal | null = null;

  constructor(context: CommandContext) {
    const { given, host } = context;
    this.#context = context;
    this.#recordsMax = given.number("max-records") ?? Number.POSITIVE_INFINITY;
    const group = given.value("group");
    const reset = given.has("from-beginning") ? "earliest" : "latest";
    const settings = { "auto.offset.reset": reset, "enable.auto.commit": group !== null };
    const member = group === null ? {} : { "group.id": group };
    this.#consumer = new Consumer({ ...settings, ...member, ...context.settings() }, toolEnvironment(host));
  }

  async run(): Promise<number> {
    const { host } = this.#context;
    const stopListening = host.onSignal((signal) => {
      this.#signal = signal;
      this.#consumer.wakeup();
    });
    let progress: Progress | null = null;
    try {
      const ends = await this.#begin();
      progress = new Progress(host, "records", await this.#total(ends));
      while (this.#printed < this.#recordsMax && this.#signal === null && !(await this.#isAtEnd(ends))) {
        await this.#printSome();
        progress.report(this.#printed);
      }
      return this.#signal === null ? 0 : signalExitCodes[this.#signal];
    } finally {
      progress?.end();
      stopListening();
      await this.#consumer.close();
    }
  }

  /** Answers the offsets to stop at, by `topic-partition`; null: none. */
  async #begin(): Promise<ReadonlyMap<string, number> | null> {
    const { given, operands } = this.#context;
    if (given.has("group")) this.#consumer.subscribe(operands);
    const partitions: TopicPartition[] = [];
    for (const topic of operands) {
      const found = await this.#consumer.partitionsFor(topic);
      partitions.push(...found.map(({ partition }) => ({ topic, partition })));
    }
    if (!given.has("group")) this.#consumer.assign(partitions);
    if (!given.has("until-end")) return null;
    const ends = new Map<string, number>();
    for (const [{ topic, partition }, end] of await this.#consumer.endOffsets(partitions)) {
      ends.set(`${topic}-${partition}`, end);
    }
    return ends;
  }

  /** How many records there will be at most; null: nobody knows, or more may come. */
  async #total(ends: ReadonlyMap<string, number> | null): Promise<number | null> {
    if (ends === null || this.#context.given.has("group")) {
      return Number.isFinite(this.#recordsMax) ? this.#recordsMax : null;
    }
    let total = 0;
    for (const partition of this.#consumer.assignment()) {
      const end = ends.get(`${partition.topic}-${partition.partition}`) ?? 0;
      total += Math.max(0, end - (await this.#consumer.position(partition)));
    }
    return Math.min(total, this.#recordsMax);
  }

  async #isAtEnd(ends: ReadonlyMap<string, number> | null): Promise<boolean> {
    if (ends === null) return false;
    const assigned = this.#consumer.assignment();
    for (const partition of assigned) {
      const end = ends.get(`${partition.topic}-${partition.partition}`) ?? 0;
      if ((await this.#consumer.position(partition)) < end) return false;
    }
    return assigned.length > 0;
  }

  async #printSome(): Promise<void> {
    const { host, given, print } = this.#context;
    try {
      for (const record of await this.#consumer.poll(POLL_MS)) {
        if (this.#printed >= this.#recordsMax) break;
        this.#printed++;
        const key = given.has("keys") ? `${text(record.key) ?? "null"}\t` : "";
        print.line(key + (text(record.value) ?? "null"), recordRow(record));
      }
      await host.drained();
    } catch (error) {
      if (this.#signal === null) throw error;
    }
  }
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : decoder.decode(bytes);
}

function recordRow(record: ConsumerRecord): Row {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key: text(record.key),
    value: text(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: text(value) })),
  };
}
