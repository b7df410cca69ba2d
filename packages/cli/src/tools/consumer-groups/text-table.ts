// Tables as kafka-consumer-groups prints them: each row begins on a new line, columns are as wide as their
// widest cell but no narrower than a minimum.

/** One column: its heading, its least width; 0 leaves cells as they are. */
export interface Column {
  readonly heading: string;
  readonly widthMin: number;
  /** Whether longer cells widen the column. */
  readonly isElastic?: true;
}

/** The table, a newline before each row and one at the end. `ending` follows the last cell of each row. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  ending = "",
): string {
  const widths = columns.map(({ widthMin, isElastic }, index) =>
    isElastic ? Math.max(widthMin, ...rows.map((row) => row[index]?.length ?? 0)) : widthMin,
  );
  const line = (cells: readonly string[]): string =>
    `\n${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" ")}${ending}`;
  return `${[columns.map(({ heading }) => heading), ...rows].map(line).join("")}\n`;
}
