// From a properties file and overrides on disk to a checked configuration, or to the lines that say what is
// wrong.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type BrokerConfig,
  type ConfigProblem,
  expandReferences,
  formatConfigProblem,
  type PropertyEntry,
  parseOverride,
  parseProperties,
  resolveBrokerConfig,
} from "@ottla/config";

/** A configuration, or why there is none: one line a problem. */
export type ReadConfig =
  | { readonly ok: true; readonly config: BrokerConfig; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

function checkConfig(entries: readonly PropertyEntry[], file: string): ReadConfig {
  const expanded = expandReferences(entries, {
    readFile: (path) => readFileSync(path, "utf8"),
    variable: (name) => process.env[name],
  });
  const resolved =
    expanded.problems.length > 0
      ? { ok: false as const, problems: expanded.problems }
      : resolveBrokerConfig(expanded.entries);
  // A setting that is missing has no line; the file is still worth naming.
  const told = (problem: ConfigProblem): string =>
    `${problem.origin === null ? `${file}: ` : ""}${formatConfigProblem(problem)}`;
  if (!resolved.ok) return { ok: false, problems: resolved.problems.map(told) };
  return { ok: true, config: withAbsolutePaths(resolved.config), warnings: resolved.warnings.map(told) };
}

/** Relative log directories are relative to the working directory, as in Kafka. */
function withAbsolutePaths(config: BrokerConfig): BrokerConfig {
  const absolute = (path: string): string => resolve(path).replaceAll("\\", "/");
  return Object.freeze({
    ...config,
    logDirs: config.logDirs.map(absolute),
    metadataLogDir: absolute(config.metadataLogDir),
  });
}

/** Reads `file` and applies `overrides` (`key=value`) on top, as kafka-server-start does. */
export function readConfig(file: string, overrides: readonly string[]): ReadConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a directory" : `cannot be read (${code})`;
    return { ok: false, problems: [`${file}: ${reason}`] };
  }
  return readConfigText(text, file, overrides);
}

/** As `readConfig`, for a text that is in no file; `file` is what problems name. */
export function readConfigText(text: string, file: string, overrides: readonly string[]): ReadConfig {
  const entries: PropertyEntry[] = [...parseProperties(text, file)];
  for (const override of overrides) {
    const entry = parseOverride(override);
    if (entry === undefined)
      return { ok: false, problems: [`--override ${override}: must be property=value`] };
    entries.push(entry);
  }
  return checkConfig(entries, file);
}
