// What commands of `ottla` print: tables for people, JSON for programs. Both from the same values.
import type { ToolHost } from "../../options/tool-host.ts";

/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A row by name of column. */
export type Row = Readonly<Record<string, JsonValue>>;

/** Something that was done: for people, and for programs. */
export interface Done {
  readonly sentence: string;
  readonly result: Row;
}

/** Prints in the way that the command line asks for. */
export class Printer {
  readonly #host: ToolHost;
  readonly #isJson: boolean;

  constructor(host: ToolHost, isJson: boolean) {
    this.#host = host;
    this.#isJson = isJson;
  }

  get isJson(): boolean {
    return this.#isJson;
  }

  /** Rows of one kind: a table, or a JSON array. `columns` are shown in this order. */
  rows(columns: readonly string[], rows: readonly Row[]): void {
    if (this.#isJson) this.#json(rows);
    else this.#host.out(table(columns, rows));
  }

  /** One thing with parts: as lines `name: value`, or a JSON object. */
  object(value: Row): void {
    if (this.#isJson) this.#json(value);
    else for (const [name, part] of Object.entries(value)) this.#host.out(`${name}: ${cell(part)}\n`);
  }

  /** What was done: a sentence each, or a JSON array of what it was. */
  done(results: readonly Done[]): void {
    if (this.#isJson) this.#json(results.map(({ result }) => result));
    else for (const { sentence } of results) this.#host.out(`${sentence}\n`);
  }

  /** One of many things that come one by one: a line each. */
  line(text: string, value: Row): void {
    this.#host.out(this.#isJson ? `${JSON.stringify(value)}\n` : `${text}\n`);
  }

  #json(value: JsonValue): void {
    this.#host.out(`${JSON.stringify(value, null, 2)}\n`);
  }
}

function table(columns: readonly string[], rows: readonly Row[]): string {
  const cells = [
    columns.map((name) => name.toUpperCase()),
    ...rows.map((row) => columns.map((name) => cell(row[name]))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells
    .map(
      (line) =>
        `${line
          .map((text, index) => text.padEnd(widths[index] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function cell(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "-";
  if (Array.isArray(value)) return value.map(cell).join(",");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name}=${cell(part)}`)
    .join(",");
}
