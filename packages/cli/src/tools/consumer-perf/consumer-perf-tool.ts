// kafka-consumer-perf-test: reads records as fast as they come and tells how fast that was.
import { type ClientSettings, Consumer, type TopicPartition } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { errorMessage, errorTrace, illegalArgument } from "../../options/java-exception.ts";
import { UsageError } from "../../options/option-error.ts";
import { type OptionTool, optionTool } from "../../options/option-tool.ts";
import { readSettings, toolEnvironment } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { keyValueWords } from "../client-tool/given-properties.ts";
import { metricsText } from "../client-tool/metrics-text.ts";
import { consumerPerfOptions } from "./consumer-perf-options.ts";
import { ConsumerPerfReport, headerLine } from "./consumer-perf-report.ts";
import { javaDateFormat } from "./java-date-format.ts";

const POLL_MS = 100;
const GENERATED_GROUPS = 100_000;

const tool: OptionTool = {
  about: "This tool is used to verify the consumer performance.",
  table: consumerPerfOptions,
  optionErrors: "usage",
  async run(given, host) {
    checkOptions(given, host);
    try {
      return await measure(given, host);
    } catch (error) {
      host.err(`${errorMessage(error)}\n${errorTrace(error)}\n`);
      return 1;
    }
  },
};

/** kafka-consumer-perf-test. */
export const consumerPerfTool: Tool = optionTool(tool);

async function measure(given: GivenOptions, host: ToolHost): Promise<number> {
  const isDetailed = given.has("show-detailed-stats");
  if (!given.has("hide-header")) host.out(headerLine(isDetailed));
  const reportMs = given.number("reporting-interval") ?? 0;
  if (reportMs <= 0) throw illegalArgument("Reporting interval must be greater than 0.");
  const report = new ConsumerPerfReport({
    isDetailed,
    reportMs,
    date: javaDateFormat(given.valueOr("date-format")),
    startMs: host.ports.clock.wallMs(),
    out: host.out,
  });
  const consumer = new Consumer(consumerSettings(given, host), toolEnvironment(host));
  await readRecords(consumer, given, host, report);
  const metrics = given.has("print-metrics") ? metricsText(consumer.metrics()) : "";
  const endMs = host.ports.clock.wallMs();
  await consumer.close();
  report.finish(endMs);
  host.out(metrics);
  return 0;
}

function checkOptions(given: GivenOptions, host: ToolHost): void {
  exactlyOne(given, "messages", "num-records");
  exactlyOne(given, "topic", "include");
  given.require("bootstrap-server");
  given.forbid("consumer.config", ["command-config"]);
  if (given.has("consumer.config")) {
    host.out("Warning: --consumer.config is deprecated. Use --command-config instead.\n");
  }
  if (given.has("messages")) host.out("Warning: --messages is deprecated. Use --num-records instead.\n");
}

function exactlyOne(given: GivenOptions, first: string, second: string): void {
  if (given.has(first) !== given.has(second)) return;
  throw new UsageError(`Exactly one of the following arguments is required: [${first}], [${second}]`);
}

function consumerSettings(given: GivenOptions, host: ToolHost): ClientSettings {
  const path = given.value("command-config") ?? given.value("consumer.config");
  const group = given.value("group") ?? `perf-consumer-${host.ports.random.below(GENERATED_GROUPS)}`;
  return {
    "client.id": "perf-consumer-client",
    ...readSettings(host, path),
    ...keyValueWords(given.values("command-property")),
    "bootstrap.servers": given.valueOr("bootstrap-server"),
    "group.id": group,
    "receive.buffer.bytes": given.number("socket-buffer-size") ?? 0,
    "max.partition.fetch.bytes": given.number("fetch-size") ?? 0,
    "auto.offset.reset": given.has("from-latest") ? "latest" : "earliest",
    "check.crcs": false,
  };
}

async function readRecords(
  consumer: Consumer,
  given: GivenOptions,
  host: ToolHost,
  report: ConsumerPerfReport,
): Promise<void> {
  const { clock } = host.ports;
  const wanted = given.number(given.has("messages") ? "messages" : "num-records") ?? 0;
  const timeoutMs = given.number("timeout") ?? 0;
  const assigned = new Set<string>();
  const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
  const topic = given.value("topic");
  consumer.subscribe(topic === null ? new RegExp(`^(?:${given.valueOr("include")})$`, "u") : [topic], {
    onPartitionsRevoked(partitions) {
      for (const partition of partitions) assigned.delete(nameOf(partition));
      if (assigned.size === 0) report.joining(clock.wallMs());
    },
    onPartitionsAssigned(partitions) {
      if (assigned.size === 0) report.joined(clock.wallMs());
      for (const partition of partitions) assigned.add(nameOf(partition));
    },
  });
  let nowMs = clock.wallMs();
  report.begin(nowMs);
  let consumedMs = nowMs;
  while (report.records < wanted && nowMs - consumedMs <= timeoutMs) {
    const polled = await consumer.poll(POLL_MS);
    nowMs = clock.wallMs();
    if (!polled.isEmpty) consumedMs = nowMs;
    for (const { records } of polled.partitions) {
      for (const record of records) {
        report.record(Math.max(0, record.serializedKeySize) + Math.max(0, record.serializedValueSize), nowMs);
      }
    }
  }
  if (report.records < wanted) {
    host.out(
      `WARNING: Exiting before consuming the expected number of records: timeout (${timeoutMs} ms) exceeded. ` +
        "You can use the --timeout option to increase the timeout.\n",
    );
  }
}
