// The import and re-export statements of a source: what from, which names, whether only types.
import { lineOf } from "./finding.ts";
import type { Source } from "./repository.ts";

export interface Import {
  readonly specifier: string;
  /** Names of the other module; `*` for all of them. */
  readonly names: readonly string[];
  /** `import type`: gone at run time. */
  readonly isType: boolean;
  readonly line: number;
}

const STATEMENT =
  /^[ \t]*(?:import|export)\s+(?:(type)\s+)?((?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})?)\s*from\s*"([^"]+)"/gm;
const BARE = /^[ \t]*import\s*"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"\s*\)/g;

/** Every import of a source, dynamic ones included. */
export function importsOf(source: Pick<Source, "text" | "code">): readonly Import[] {
  const imports: Import[] = [];
  const { text } = source;
  for (const match of text.matchAll(STATEMENT)) {
    if (isBlanked(source, match.index)) continue;
    imports.push({
      specifier: match[3] ?? "",
      names: namesIn(match[2] ?? ""),
      isType: match[1] !== undefined,
      line: lineOf(text, match.index),
    });
  }
  for (const pattern of [BARE, DYNAMIC]) {
    for (const match of text.matchAll(pattern)) {
      if (isBlanked(source, match.index)) continue;
      imports.push({
        specifier: match[1] ?? "",
        names: ["*"],
        isType: false,
        line: lineOf(text, match.index),
      });
    }
  }
  return imports;
}

/** Statements inside comments and strings are none. */
function isBlanked(source: Pick<Source, "text" | "code">, index: number): boolean {
  const offset = source.text.slice(index).search(/\S/);
  return source.code[index + offset] === " ";
}

function namesIn(clause: string): readonly string[] {
  if (clause.includes("*")) return ["*"];
  const braces = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  const named = braces
    .split(",")
    .map((part) => part.trim().replace(/^type\s+/, ""))
    .filter((part) => part !== "")
    .map((part) => part.split(/\s+as\s+/)[0] ?? "");
  const isDefault = /^[\w$]+\s*,?/.test(clause.trim());
  return isDefault ? ["default", ...named] : named;
}

/** The repository path a relative specifier means. */
export function resolveRelative(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
