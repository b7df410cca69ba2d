// The options of a tool: a table that parses words and prints itself, both as Kafka's tools do.
// `--name value`, `--name=value`, `-name value`; `--` ends the options; names are never abbreviated; words
// that belong to no option are kept. Not here: which options go together (the tools).
import { GivenOptions } from "./given-options.ts";
import { usageTable } from "./layout/usage-table.ts";
import type { Option } from "./option.ts";
import { missingArgument, missingOptions, unrecognizedOption } from "./option-error.ts";

/** The table of one tool; `help` and `version` are in every one. */
export class OptionTable {
  readonly #options: ReadonlyMap<string, Option>;

  constructor(options: readonly Option[]) {
    const rows: readonly Option[] = [
      ...options,
      { name: "help", argument: "none", meaning: "Print usage information." },
      { name: "version", argument: "none", meaning: "Display the version of Kafka whose behaviour this is." },
    ];
    this.#options = new Map(rows.map((option) => [option.name, option]));
  }

  /** Every option, for completion and documents. */
  get options(): readonly Option[] {
    return [...this.#options.values()];
  }

  has(name: string): boolean {
    return this.#options.has(name);
  }

  /** Throws `OptionError`. */
  parse(words: readonly string[]): GivenOptions {
    const given = new Map<string, string[]>();
    const rest: string[] = [];
    const order: string[] = [];
    let index = 0;
    while (index < words.length) {
      const word = words[index++] ?? "";
      if (word === "--") {
        rest.push(...words.slice(index));
        break;
      }
      if (!looksLikeOption(word)) {
        rest.push(word);
        continue;
      }
      const { option, inline } = this.#find(word);
      const values = given.get(option.name) ?? [];
      given.set(option.name, values);
      order.push(option.name);
      if (option.argument === "none") continue;
      const next = words[index];
      if (inline !== null) values.push(inline);
      else if (option.argument === "required") {
        if (next === undefined) throw missingArgument(option.name);
        values.push(next);
        index++;
      } else if (next !== undefined && !looksLikeOption(next)) {
        values.push(next);
        index++;
      }
    }
    this.#checkRequired(given);
    return new GivenOptions(this.#options, given, rest, order);
  }

  /** The table as text. */
  usage(): string {
    return usageTable([...this.#options.values()]);
  }

  #find(word: string): { option: Option; inline: string | null } {
    const text = word.slice(word.startsWith("--") ? 2 : 1);
    const split = text.indexOf("=");
    const name = split < 0 ? text : text.slice(0, split);
    const option = this.#options.get(name);
    // One dash means a cluster of letters, unless the whole word is a name; the first letter is blamed.
    if (option === undefined) throw unrecognizedOption(word.startsWith("--") ? name : text.charAt(0));
    return { option, inline: split < 0 ? null : text.slice(split + 1) };
  }

  #checkRequired(given: ReadonlyMap<string, unknown>): void {
    const missing = [...this.#options.values()].filter(
      (option) => option.isRequired === true && !given.has(option.name),
    );
    const isExcused = given.has("help") || given.has("version");
    if (missing.length > 0 && !isExcused) throw missingOptions(missing.map(({ name }) => name));
  }
}

function looksLikeOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}
