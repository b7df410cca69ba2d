// kafka-console-consumer: what its options ask for, and how it ends. The reading is in console-consumer.ts.

import type { GivenOptions } from "../../options/given-options.ts";
import { errorTrace } from "../../options/java-exception.ts";
import { UsageError } from "../../options/option-error.ts";
import { type OptionTool, optionTool } from "../../options/option-tool.ts";
import { logLine, readSettings } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { givenName, refuseBoth } from "../client-tool/deprecated-options.ts";
import { keyValueWords } from "../client-tool/given-properties.ts";
import { checkBootstrapResolves } from "../client-tool/resolvable-bootstrap.ts";
import { CONSUMER_LOGGER, ConsoleConsumer, type ConsumePlan, type RecordOrigin } from "./console-consumer.ts";
import { consoleConsumerOptions } from "./console-consumer-options.ts";
import { ConflictingReset, consumerSettings, startOffset } from "./consumer-settings.ts";
import { findFormatter } from "./formatters/find-formatter.ts";
import type { FormatterProperties, MessageFormatter } from "./formatters/message-formatter.ts";

const FORMATTER_LOGGER = "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

const tool: OptionTool = {
  about: "This tool helps to read data from Kafka topics and outputs it to standard output.",
  table: consoleConsumerOptions,
  optionErrors: "usage",
  async run(given, host) {
    checkOptions(given);
    const property = givenName(given, { old: "consumer-property", now: "command-property" }, host, "Option");
    const config = givenName(given, { old: "consumer.config", now: "command-config" }, host, "Option");
    let plan: ConsumePlan;
    try {
      plan = {
        settings: consumerSettings(given, host, config, property),
        origin: recordOrigin(given),
        timeoutMs: given.number("timeout-ms") ?? -1,
        formatter: givenFormatter(given, host),
        recordsMax: given.number("max-messages") ?? -1,
        skipsErrors: given.has("skip-message-on-error"),
        tellsShutdown: given.has("enable-systest-events"),
      };
    } catch (error) {
      if (!(error instanceof ConflictingReset)) throw error;
      host.err(`${error.message}\n`);
      return 1;
    }
    try {
      await checkBootstrapResolves(plan.settings, "consumer", host);
      return await new ConsoleConsumer(plan, host).run();
    } catch (error) {
      logLine(host, "ERROR", "Unknown error when running consumer: ", CONSUMER_LOGGER);
      host.err(errorTrace(error));
      return 1;
    }
  },
};

/** kafka-console-consumer. */
export const consoleConsumerTool: Tool = optionTool(tool);

function checkOptions(given: GivenOptions): void {
  if (given.has("topic") === given.has("include")) {
    throw new UsageError("Exactly one of the following arguments is required: [topic], [include]");
  }
  if (given.has("partition")) {
    if (!given.has("topic")) throw new UsageError("The topic is required when partition is specified.");
    if (given.has("from-beginning") && given.has("offset")) {
      throw new UsageError("Options from-beginning and offset cannot be specified together.");
    }
  } else if (given.has("offset")) {
    throw new UsageError("The partition is required when offset is specified.");
  }
  given.require("bootstrap-server");
  refuseBoth(given, "consumer-property", "command-property");
  refuseBoth(given, "consumer.config", "command-config");
}

function recordOrigin(given: GivenOptions): RecordOrigin {
  const offset = startOffset(given);
  const topic = given.value("topic");
  const partition = given.number("partition");
  if (topic === null) return { kind: "subscription", topics: topicPattern(given.valueOr("include")) };
  if (partition === null) return { kind: "subscription", topics: [topic] };
  return { kind: "partition", topic, partition, offset };
}

/** The whole name must match. */
function topicPattern(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, "u");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function givenFormatter(given: GivenOptions, host: ToolHost): MessageFormatter {
  refuseBoth(given, "property", "formatter-property");
  const option = givenName(given, { old: "property", now: "formatter-property" }, host, "Option");
  const name = given.valueOr("formatter");
  const formatter = findFormatter(name, formatterProperties(given, host, option), (text, error) => {
    logLine(host, "ERROR", text, FORMATTER_LOGGER);
    host.err(errorTrace(error));
  });
  if (formatter === null) throw new UsageError(name);
  return formatter;
}

function formatterProperties(given: GivenOptions, host: ToolHost, option: string): FormatterProperties {
  const fromFile = readSettings(host, given.value("formatter-config"));
  const texts = Object.entries(fromFile).map(([key, value]) => [key, String(value)] as const);
  const deserializers: Record<string, string> = {};
  for (const part of ["key", "value"]) {
    const name = given.value(`${part}-deserializer`);
    if (name !== null && name !== "") deserializers[`${part}.deserializer`] = name;
  }
  return { ...Object.fromEntries(texts), ...deserializers, ...keyValueWords(given.values(option)) };
}
