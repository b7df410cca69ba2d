// The option table as Kafka's tools print it: two columns, sorted by name, as wide as what they hold.
import type { Option } from "../option.ts";
import { raggedLines } from "./text-lines.ts";

const WIDTH = 80;
const SEPARATOR = "  ";

/** The table; every line ends in a newline. */
export function usageTable(options: readonly Option[]): string {
  const isAnyRequired = options.some((option) => option.isRequired === true);
  const title = isAnyRequired ? "Option (* = required)" : "Option";
  const sorted = options.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rows: readonly (readonly [string, string])[] = [
    [title, "Description"],
    ["-".repeat(title.length), "-----------"],
    ...sorted.map((option) => [optionCell(option), descriptionCell(option)] as const),
  ];
  const widest = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const optionWidthMax = Math.min((WIDTH - SEPARATOR.length) / 2, widest(0));
  const descriptionWidthMax = Math.min(WIDTH - optionWidthMax - SEPARATOR.length, widest(1));
  const lines = rows.flatMap(([left, right]) => {
    const options = raggedLines(left, optionWidthMax);
    const descriptions = raggedLines(right, descriptionWidthMax);
    const height = Math.max(options.length, descriptions.length);
    return Array.from(
      { length: height },
      (_, line) => [options[line] ?? "", descriptions[line] ?? ""] as const,
    );
  });
  const optionWidth = Math.max(...lines.map(([left]) => left.length));
  const descriptionWidth = Math.max(...lines.map(([, right]) => right.length));
  return lines
    .map(([left, right]) => `${left.padEnd(optionWidth)}${SEPARATOR}${right.padEnd(descriptionWidth)}\n`)
    .join("");
}

function optionCell(option: Option): string {
  const name = `${option.isRequired === true ? "* " : ""}--${option.name}`;
  if (option.argument === "none") return name;
  const type = option.type ?? "String";
  const value = option.placeholder === undefined ? type : `${type}: ${option.placeholder}`;
  return option.argument === "required" ? `${name} <${value}>` : `${name} [${value}]`;
}

function descriptionCell(option: Option): string {
  return option.default === undefined ? option.meaning : `${option.meaning} (default: ${option.default})`;
}
