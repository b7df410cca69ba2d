// The .properties syntax of Java, keeping for each entry where it was written.
// Total: any text is a list of entries. Not here: what the keys mean, reading files.
import type { ConfigOrigin } from "./broker-config.ts";

/** One `key = value` as written; later entries of a key win. */
export interface PropertyEntry {
  readonly key: string;
  readonly value: string;
  readonly origin: ConfigOrigin;
}

const CONTROL_ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** Parses a whole file; `file` is what problems will name. */
export function parseProperties(text: string, file: string): readonly PropertyEntry[] {
  const entries: PropertyEntry[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let logical = withoutIndent(lines[index] ?? "");
    if (logical === "" || logical.startsWith("#") || logical.startsWith("!")) continue;
    while (continues(logical)) {
      logical = logical.slice(0, -1);
      index++;
      if (index >= lines.length) break;
      logical += withoutIndent(lines[index] ?? "");
    }
    entries.push({ ...splitEntry(logical), origin: { file, line } });
  }
  return entries;
}

/** Parses `--override key=value`; undefined when there is no key. */
export function parseOverride(argument: string): PropertyEntry | undefined {
  const split = argument.indexOf("=");
  const key = (split < 0 ? argument : argument.slice(0, split)).trim();
  if (key === "") return undefined;
  const value = split < 0 ? "" : argument.slice(split + 1).trim();
  return { key, value, origin: { file: "--override", line: 0 } };
}

function withoutIndent(line: string): string {
  return line.replace(/^[ \t\f]+/, "");
}

/** An odd number of backslashes at the end: the line goes on. */
function continues(line: string): boolean {
  let backslashes = 0;
  while (backslashes < line.length && line[line.length - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

/**
 * The key ends at the first unescaped `=`, `:` or blank; one separator and the blanks around it are dropped.
 */
function splitEntry(logical: string): { key: string; value: string } {
  let end = 0;
  while (end < logical.length && !/[=: \t\f]/.test(logical[end] ?? "")) {
    end += logical[end] === "\\" ? 2 : 1;
  }
  const rest = withoutIndent(logical.slice(end));
  const value = /^[=:]/.test(rest) ? withoutIndent(rest.slice(1)) : rest;
  return { key: unescaped(logical.slice(0, end)), value: unescaped(value) };
}

/** `\uXXXX`, the control letters, and a backslash before anything else dropped. */
function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return CONTROL_ESCAPES[escape] ?? escape;
  });
}
