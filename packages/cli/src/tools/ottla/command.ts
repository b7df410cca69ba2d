// A command of `ottla` as data: help, parsing and completion all come from it.
import type { Admin } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import type { Option } from "../../options/option.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import type { Printer } from "./printer.ts";

/** What names can be completed to. */
export type Completes = "topic" | "group" | "file" | readonly string[];

/** A word that a command takes behind its name. */
export interface Operand {
  readonly name: string;
  readonly isOptional?: true;
  /** Takes all words that are left. Only the last operand. */
  readonly isRepeated?: true;
  readonly completes?: Completes;
}

/** What a command runs with. */
export interface CommandContext {
  readonly given: GivenOptions;
  /** Words of the operands, in order. */
  readonly operands: readonly string[];
  readonly host: ToolHost;
  readonly print: Printer;
  /** `host:port` list of the cluster. */
  readonly bootstrap: string;
  /** Opened at the first call, closed after the command. */
  readonly admin: () => Admin;
  /** Settings of a client: those of --command-config, and where the cluster is. */
  readonly settings: () => Readonly<Record<string, string | number | boolean>>;
}

/** One command. */
export interface Command {
  /** `topics create`. */
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly options: readonly Option[];
  /** Whether it has `--json`. */
  readonly printsData: boolean;
  /** Whether words behind the name go on as they are, options included. */
  readonly takesAnyWords?: true;
  /** Answers the exit code. */
  run(context: CommandContext): Promise<number>;
}

/** Where the cluster is, and how to talk to it: options of every command that needs one. */
export const clusterOptions: readonly Option[] = [
  {
    name: "bootstrap-server",
    argument: "required",
    placeholder: "HOST:PORT,...",
    meaning: "Where the cluster is; OTTLA_BOOTSTRAP_SERVER, or localhost:9092, when left out.",
  },
  {
    name: "command-config",
    argument: "required",
    placeholder: "FILE",
    meaning: "Properties file with settings of the client.",
  },
];

/** The synopsis of a command behind `ottla`. */
export function synopsis({ name, operands }: Command): string {
  const words = operands.map(({ name: operand, isOptional, isRepeated }) => {
    const shown = `${operand}${isRepeated ? "..." : ""}`;
    return isOptional ? `[${shown}]` : shown;
  });
  return [name, ...words].join(" ");
}
