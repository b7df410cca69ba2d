// A page of docs/ that is written from a table in code, and the pieces it is made of.

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  /** Markdown, before formatting. */
  render(): Promise<string>;
}

/** A Markdown table; cells are text or `code`, bars are escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Code in backquotes; nothing stays nothing. */
export function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}

/** A page's opening: its title, how it comes about, what it shows. */
export function opening(title: string, text: string): string {
  return `# ${title}\n\n${text}\n\nWritten by \`npm run docs\`; a test compares it with the code.`;
}
