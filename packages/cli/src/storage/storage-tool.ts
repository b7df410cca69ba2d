// The kafka-storage command: formats and inspects log directories, makes cluster ids.
import { randomUuid } from "@ottla/protocol";
import {
  type ArgumentCommand,
  argumentFailure,
  argumentHelp,
  type GivenArguments,
  parseArguments,
  subCommandProblem,
} from "../options/argument-parser.ts";
import type { Tool, ToolHost } from "../options/tool-host.ts";
import { readConfig } from "../server/read-config.ts";
import { printFeatureDependencies } from "./feature-dependencies.ts";
import { formatDirectories } from "./format-directories.ts";
import { formatRequestOf } from "./format-request.ts";
import { printInfo } from "./print-info.ts";
import {
  featureDependenciesCommand,
  formatCommand,
  infoCommand,
  randomUuidCommand,
  storageUsage,
  versionMappingCommand,
} from "./storage-commands.ts";
import { printVersionMapping } from "./version-mapping.ts";

type Run = (host: ToolHost, options: GivenArguments) => number;

const commands: ReadonlyMap<string, { readonly command: ArgumentCommand; readonly run: Run }> = new Map(
  [
    { command: infoCommand, run: info },
    { command: formatCommand, run: format },
    { command: versionMappingCommand, run: versionMapping },
    { command: featureDependenciesCommand, run: featureDependencies },
    { command: randomUuidCommand, run: printRandomUuid },
  ].map((entry) => [entry.command.name, entry]),
);

/** Runs the command of `words`; answers the exit code. */
export const storageTool: Tool = async (words, host) => runCommand(words, host);

function runCommand(words: readonly string[], host: ToolHost): number {
  const [name, ...rest] = words;
  if (name === "-h" || name === "--help") {
    const list = [...commands.values()].map(
      ({ command }) => `  ${command.name.padEnd(22)} ${command.meaning}`,
    );
    host.out(`${storageUsage}\n\nThe Kafka storage tool.\n\n${list.join("\n")}\n`);
    return 0;
  }
  const entry = commands.get(name ?? "");
  if (entry === undefined) {
    host.err(argumentFailure("kafka-storage", storageUsage, subCommandProblem(name, commands.keys())));
    return 1;
  }
  const parsed = parseArguments(entry.command, rest);
  if (parsed.kind === "help") {
    host.out(argumentHelp(entry.command));
    return 0;
  }
  if (parsed.kind === "error") {
    host.err(argumentFailure("kafka-storage", entry.command.usage, parsed.message));
    return 1;
  }
  return entry.run(host, parsed.options);
}

function configOf(host: ToolHost, options: GivenArguments): ReturnType<typeof readConfig> {
  const read = readConfig(options.get("--config")?.[0] ?? "", []);
  if (read.ok) for (const warning of read.warnings) host.err(`${warning}\n`);
  else for (const problem of read.problems) host.err(`${problem}\n`);
  return read;
}

function info(host: ToolHost, options: GivenArguments): number {
  const read = configOf(host, options);
  return read.ok ? printInfo(host, read.config) : 1;
}

function format(host: ToolHost, options: GivenArguments): number {
  const read = configOf(host, options);
  if (!read.ok) return 1;
  const request = formatRequestOf(options, read.config, host.ports.crypto.secureBytes);
  if ("problem" in request) {
    host.err(`${request.problem}\n`);
    return 1;
  }
  return formatDirectories(host, read.config, request);
}

function versionMapping(host: ToolHost, options: GivenArguments): number {
  return printVersionMapping(host, options.get("--release-version")?.[0] ?? null);
}

function featureDependencies(host: ToolHost, options: GivenArguments): number {
  return printFeatureDependencies(host, options.get("--feature") ?? []);
}

function printRandomUuid(host: ToolHost): number {
  host.out(`${randomUuid(host.ports.crypto.secureBytes)}\n`);
  return 0;
}
