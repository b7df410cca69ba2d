// The kafka-server-start command: from its words to a running node, or to the lines that say what is wrong
// with them.
import type { BrokerConfig } from "@ottla/config";
import type { Loggers } from "@ottla/ports";
import { logFormatOf, openServerLog } from "../logging/server-log.ts";
import {
  formatWhenNew,
  quickstartDataDirectory,
  quickstartGreeting,
  quickstartPort,
  quickstartProperties,
} from "./quickstart.ts";
import { type ReadConfig, readConfig, readConfigText } from "./read-config.ts";
import { parseServerArguments, serverUsage } from "./server-arguments.ts";
import { ServerProcess } from "./server-process.ts";
import { KAFKA_VERSION } from "./versions.ts";

/** Runs until the node stops; the process ends inside. */
export async function runStartCommand(words: readonly string[]): Promise<void> {
  const asked = parseServerArguments(words);
  switch (asked.kind) {
    case "usage":
      process.stdout.write(`${serverUsage}\n`);
      process.exit(1);
      break;
    case "version":
      process.stdout.write(`${KAFKA_VERSION}\n`);
      break;
    case "problem":
      process.stderr.write(`${asked.message}\n`);
      process.exit(1);
      break;
    case "file": {
      const log = openLog("auto");
      const config = checked(readConfig(asked.file, asked.overrides), log);
      const process = new ServerProcess({ config, log, file: asked.file, isQuickstart: false });
      await process.start(() => {});
      break;
    }
    case "quickstart":
      await runQuickstart(asked.overrides);
  }
}

async function runQuickstart(overrides: readonly string[]): Promise<void> {
  // Somebody looks on, also where npm or a pipe stands between the log and the terminal.
  const log = openLog("text");
  const port = quickstartPort(process.env.OTTLA_PORT);
  if (port === null) return end(log, [`OTTLA_PORT=${process.env.OTTLA_PORT} is not a port`]);
  const directory = quickstartDataDirectory(process.env, process.platform);
  const config = checked(readConfigText(quickstartProperties(directory, port), "quickstart", overrides), log);
  process.stdout.write(`Data directory: ${directory}\n`);
  const problem = formatWhenNew(config);
  if (problem !== null) return end(log, [problem]);
  const server = new ServerProcess({ config, log, file: "quickstart", isQuickstart: true });
  await server.start(() => process.stdout.write(quickstartGreeting(directory, port)));
}

function openLog(formatDefault: "auto" | "text"): Loggers {
  const wanted = process.env.OTTLA_LOG_FORMAT;
  const format = logFormatOf(wanted);
  const log = openServerLog(wanted ? (format ?? "auto") : formatDefault);
  if (format === null) end(log, [`OTTLA_LOG_FORMAT=${wanted} must be auto, text or json`]);
  return log;
}

/** The configuration; the process ends when it is not right. */
function checked(read: ReadConfig, log: Loggers): BrokerConfig {
  if (!read.ok) return end(log, read.problems);
  const logger = log.named("kafka.server.KafkaConfig");
  for (const warning of read.warnings) logger.warn(warning);
  return read.config;
}

function end(log: Loggers, problems: readonly string[]): never {
  const logger = log.named("kafka.Kafka$");
  for (const problem of problems) logger.error(`Exiting Kafka due to fatal exception: ${problem}`);
  process.exit(1);
}
