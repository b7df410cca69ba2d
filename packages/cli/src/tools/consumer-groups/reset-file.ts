// The CSV of --from-file and --export: `topic,partition,offset`, or with the group in front.
import type { TopicPartition } from "@ottla/client";
import { parseJavaNumber } from "../../options/given-options.ts";
import { JavaException } from "../../options/java-exception.ts";

/** One line. */
export interface ResetLine extends TopicPartition {
  readonly groupId: string;
  readonly offset: number;
}

/** `group` is whose lines are those that name none; null when each must. Throws a `JavaException`. */
export function parseResetFile(text: string, group: string | null): readonly ResetLine[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const cells = line.split(",").map(unquoted);
      const [groupId, topic, partition, offset] =
        cells.length === 3 && group !== null ? [group, ...cells] : cells;
      const index = parseJavaNumber("Integer", partition ?? "");
      const position = parseJavaNumber("Long", offset ?? "");
      if (
        groupId === undefined ||
        topic === undefined ||
        index === null ||
        position === null ||
        cells.length > 4
      ) {
        throw new JavaException("java.lang.RuntimeException", `Invalid line in the CSV file: ${line}`);
      }
      return { groupId, topic, partition: index, offset: position };
    });
}

function unquoted(cell: string): string {
  const text = cell.trim();
  return /^".*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/** The lines; the group is left out where there is only one. */
export function resetCsv(lines: readonly ResetLine[], namesGroup: boolean): string {
  return lines
    .map(({ groupId, topic, partition, offset }) => {
      const cells = [topic, partition, offset];
      return `${(namesGroup ? [groupId, ...cells] : cells).join(",")}\n`;
    })
    .join("");
}
