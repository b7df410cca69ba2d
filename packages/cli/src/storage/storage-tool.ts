// The kafka-storage command: formats and inspects log directories, makes cluster ids.
import { randomUuid } from "@ottla/protocol";
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
import { type GivenOptions, parseSubCommand, type SubCommand, subCommandHelp } from "./sub-command.ts";
import type { ToolHost } from "./tool-host.ts";
import { printVersionMapping } from "./version-mapping.ts";

type Run = (host: ToolHost, options: GivenOptions) => number;

const commands: ReadonlyMap<string, { readonly command: SubCommand; readonly run: Run }> = new Map(
  [
    { command: infoCommand, run: info },
    { command: formatCommand, run: format },
    { command: versionMappingCommand, run: versionMapping },
    { command: featureDependenciesCommand, run: featureDependencies },
    { command: randomUuidCommand, run: printRandomUuid },
  ].map((entry) => [entry.command.name, entry]),
);

/** Runs the command of `words`; answers the exit code. */
export function runStorageTool(words: readonly string[], host: ToolHost): number {
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
    const choices = [...commands.keys()].map((known) => `'${known}'`).join(", ");
    const message =
      name === undefined ? "too few arguments" : `invalid choice: '${name}' (choose from ${choices})`;
    host.err(`${storageUsage}\nkafka-storage: error: ${message}\n`);
    return 1;
  }
  const parsed = parseSubCommand(entry.command, rest);
  if (parsed.kind === "help") {
    host.out(subCommandHelp(entry.command));
    return 0;
  }
  if (parsed.kind === "error") {
    host.err(`${entry.command.usage}\nkafka-storage: error: ${parsed.message}\n`);
    return 1;
  }
  return entry.run(host, parsed.options);
}

function configOf(host: ToolHost, options: GivenOptions): ReturnType<typeof readConfig> {
  const read = readConfig(options.get("--config")?.[0] ?? "", []);
  if (read.ok) for (const warning of read.warnings) host.err(`${warning}\n`);
  else for (const problem of read.problems) host.err(`${problem}\n`);
  return read;
}

function info(host: ToolHost, options: GivenOptions): number {
  const read = configOf(host, options);
  return read.ok ? printInfo(host, read.config) : 1;
}

function format(host: ToolHost, options: GivenOptions): number {
  const read = configOf(host, options);
  if (!read.ok) return 1;
  const request = formatRequestOf(options, read.config, host.randomBytes);
  if ("problem" in request) {
    host.err(`${request.problem}\n`);
    return 1;
  }
  return formatDirectories(host, read.config, request);
}

function versionMapping(host: ToolHost, options: GivenOptions): number {
  return printVersionMapping(host, options.get("--release-version")?.[0] ?? null);
}

function featureDependencies(host: ToolHost, options: GivenOptions): number {
  return printFeatureDependencies(host, options.get("--feature") ?? []);
}

function printRandomUuid(host: ToolHost): number {
  host.out(`${randomUuid(host.randomBytes)}\n`);
  return 0;
}
