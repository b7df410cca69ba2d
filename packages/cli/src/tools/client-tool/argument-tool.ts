// The frame of a tool without an option table: help, and what a bad command line ends in. Not here: what the
// arguments do.
import {
  type ArgumentCommand,
  argumentFailure,
  argumentHelp,
  type GivenArguments,
  parseArguments,
} from "../../options/argument-parser.ts";
import { errorTrace } from "../../options/java-exception.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";

/** Arguments that do not go together: told with the synopsis. */
export class ArgumentProblem extends Error {
  override readonly name: string = "ArgumentProblem";
}

/** The arguments of one command line by long name. */
export class ToolArguments {
  readonly #given: GivenArguments;

  constructor(given: GivenArguments) {
    this.#given = given;
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** The last value, or null. */
  value(name: string): string | null {
    return this.#given.get(name)?.at(-1) ?? null;
  }

  values(name: string): readonly string[] {
    return this.#given.get(name) ?? [];
  }

  /** The last value as a number; the parser has checked that it is one. */
  number(name: string): number | null {
    const text = this.value(name);
    return text === null ? null : Number.parseFloat(text);
  }

  /** Throws `ArgumentProblem` when both are given. */
  refuseBoth(first: string, second: string): void {
    if (!this.has(first) || !this.has(second)) return;
    throw new ArgumentProblem(`${first} and ${second} cannot be specified together.`);
  }
}

/**
 * The tool as a function of its words. A bare call prints the help and is no failure; asking for it is one.
 */
export function argumentTool(
  command: ArgumentCommand,
  run: (given: ToolArguments, host: ToolHost) => Promise<number>,
): Tool {
  return async (words, host) => {
    const parsed = words.length === 0 ? null : parseArguments(command, words);
    if (parsed === null || parsed.kind === "help") {
      host.out(argumentHelp(command));
      return parsed === null ? 0 : 1;
    }
    try {
      if (parsed.kind === "error") throw new ArgumentProblem(parsed.message);
      return await run(new ToolArguments(parsed.options), host);
    } catch (error) {
      const isProblem = error instanceof ArgumentProblem;
      if (isProblem) host.err(argumentFailure(command.name, command.usage, error.message));
      else host.err(`Exception in thread "main" ${errorTrace(error)}`);
      return 1;
    }
  };
}
