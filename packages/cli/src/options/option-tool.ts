// The frame of a tool with an option table: help, version, old spellings of `--bootstrap-server`, and what a
// bad command line ends in. Not here: what the options do.
import { KAFKA_VERSION } from "../server/versions.ts";
import type { GivenOptions } from "./given-options.ts";
import { errorMessage, errorTrace } from "./java-exception.ts";
import { withModernBootstrap } from "./modern-bootstrap.ts";
import { OptionError, UsageError } from "./option-error.ts";
import type { OptionTable } from "./option-table.ts";
import type { Tool, ToolHost } from "./tool-host.ts";

/** How a tool prints a failure: words that its table does not know, and what nobody inside caught. */
export type ErrorStyle =
  /** The message, then the exception with its causes. */
  | "trace"
  /** The message, then the table. */
  | "usage"
  /** The message alone. */
  | "message"
  /** `Error occurred: ` and the message. */
  | "occurred"
  /** As an exception that nobody caught. */
  | "uncaught";

/** A tool with an option table. */
export interface OptionTool {
  /** What the tool is for: the line above the table. */
  readonly about: string;
  /** The same, where --help says it in other words. */
  readonly helpAbout?: string;
  readonly table: OptionTable;
  readonly optionErrors: ErrorStyle;
  /** What it throws is printed: a `UsageError` with the table, all else by `optionErrors`. */
  run(given: GivenOptions, host: ToolHost): Promise<number>;
}

/** The message and the table on standard error; the exit code of a usage error. */
function printUsage(host: ToolHost, table: OptionTable, message: string): number {
  host.err(`${message}\n${table.usage()}`);
  return 1;
}

/** Prints a failure in the tool's way; answers the exit code. */
function printError(host: ToolHost, tool: OptionTool, error: unknown): number {
  switch (tool.optionErrors) {
    case "trace":
      host.err(`${errorMessage(error)}\n${errorTrace(error)}\n`);
      return 1;
    case "usage":
      // Only words that the table does not know; other failures show the exception.
      if (error instanceof OptionError) return printUsage(host, tool.table, error.message);
      host.err(`${errorMessage(error)}\n${errorTrace(error)}\n`);
      return 1;
    case "message":
      host.err(`${errorMessage(error)}\n`);
      return 1;
    case "occurred":
      host.err(`Error occurred: ${errorMessage(error)}\n`);
      return 1;
    case "uncaught":
      host.err(`Exception in thread "main" ${errorTrace(error)}`);
      return 1;
  }
}

/** The tool as a function of its words. */
export function optionTool(tool: OptionTool): Tool {
  return async (words, host) => {
    try {
      const given = tool.table.parse(withModernBootstrap(words, tool.table, host));
      if (words.length === 0) return printUsage(host, tool.table, tool.about);
      if (given.has("help")) return printUsage(host, tool.table, tool.helpAbout ?? tool.about);
      if (given.has("version")) {
        host.out(`${KAFKA_VERSION}\n`);
        return 0;
      }
      return await tool.run(given, host);
    } catch (error) {
      if (error instanceof UsageError) return printUsage(host, tool.table, error.message);
      return printError(host, tool, error);
    }
  };
}
