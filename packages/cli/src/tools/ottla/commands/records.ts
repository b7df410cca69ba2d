// `ottla produce` and `ottla consume`: records from standard input and to standard output.
import { Consumer, type ConsumerRecord } from "@ottla/client";
import { flag, valued } from "../../../options/option.ts";
import { signalExitCodes } from "../../../options/process-host.ts";
import { toolEnvironment } from "../../../options/tool-client.ts";
import type { ToolSignal } from "../../../options/tool-host.ts";
import { consoleProducerTool } from "../../console-producer/console-producer-tool.ts";
import type { Command, CommandContext, Operand } from "../command.ts";
import { clusterOptions } from "../command.ts";
import type { Row } from "../printer.ts";

const POLL_MS = 500;
const topic: Operand = { name: "TOPIC", completes: "topic" };
const decoder = new TextDecoder();

const produce: Command = {
  name: "produce",
  summary: "Send each line of standard input as a record.",
  operands: [topic],
  options: [
    valued(
      "key-separator",
      "TEXT",
      "What stands between key and value in a line; without it lines have no key.",
    ),
    valued("property", "NAME=VALUE", "A setting of the producer; may be repeated."),
    ...clusterOptions,
  ],
  printsData: false,
  run({ given, operands, host, bootstrap }) {
    const words = ["--bootstrap-server", bootstrap, "--topic", operands[0] ?? ""];
    const separator = given.value("key-separator");
    if (separator !== null) {
      words.push("--reader-property", "parse.key=true", "--reader-property", `key.separator=${separator}`);
    }
    for (const property of given.values("property")) words.push("--command-property", property);
    const config = given.value("command-config");
    if (config !== null) words.push("--command-config", config);
    return consoleProducerTool(words, host);
  },
};

const consume: Command = {
  name: "consume",
  summary: "Print the records of topics as they come, until Ctrl-C or what an option says.",
  operands: [{ ...topic, isRepeated: true }],
  options: [
    flag("from-beginning", "Begin with the oldest record, not with the next one."),
    valued("group", "GROUP", "Read as a member of this group, and commit what was read."),
    { ...valued("max-records", "COUNT", "End after so many records."), type: "Long" },
    flag("until-end", "End once everything that is there now was read."),
    flag("keys", "Print keys, too, with a tab behind them."),
    ...clusterOptions,
  ],
  printsData: true,
  run: (context) => new ConsumeRun(context).run(),
};

/** One `ottla consume`. */
class ConsumeRun {
  readonly #context: CommandContext;
  readonly #consumer: Consumer;
  #left: number;
  #signal: ToolSignal | null = null;

  constructor(context: CommandContext) {
    const { given, host } = context;
    this.#context = context;
    this.#left = given.number("max-records") ?? Number.POSITIVE_INFINITY;
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
    try {
      const ends = await this.#begin();
      while (this.#left > 0 && this.#signal === null && !(await this.#isAtEnd(ends))) {
        await this.#printSome();
      }
      return this.#signal === null ? 0 : signalExitCodes[this.#signal];
    } finally {
      stopListening();
      await this.#consumer.close();
    }
  }

  /** Answers the offsets to stop at, by `topic-partition`; null: none. */
  async #begin(): Promise<ReadonlyMap<string, number> | null> {
    const { given, operands } = this.#context;
    if (given.has("group")) this.#consumer.subscribe(operands);
    const partitions = [];
    for (const name of operands) {
      for (const { partition } of await this.#consumer.partitionsFor(name))
        partitions.push({ topic: name, partition });
    }
    if (!given.has("group")) this.#consumer.assign(partitions);
    if (!given.has("until-end")) return null;
    const ends = new Map<string, number>();
    for (const [{ topic: name, partition }, end] of await this.#consumer.endOffsets(partitions)) {
      ends.set(`${name}-${partition}`, end);
    }
    return ends;
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
        if (this.#left <= 0) break;
        this.#left--;
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

export const recordCommands: readonly Command[] = [produce, consume];
