// Exports inside a package that no other file imports. The package's door counts as an importer; whether
// another package uses what the door offers is not asked.
import { type Finding, lineOf, type Rule } from "../finding.ts";
import { importsOf, resolveRelative } from "../imports.ts";
import type { Source } from "../repository.ts";

const DECLARATION =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+([\w$]+)/gm;

export const deadExports: Rule = {
  name: "dead-exports",
  promise: "whatever a file inside a package exports is imported by another file",
  find(repository) {
    const used = new Map<string, Set<string>>();
    for (const file of repository.files.filter(({ path }) => path.endsWith(".ts"))) {
      const source = repository.sources.find(({ path }) => path === file.path) ?? {
        text: file.text,
        code: file.text,
      };
      for (const { specifier, names } of importsOf(source)) {
        if (!specifier.startsWith(".")) continue;
        const target = resolveRelative(file.path, specifier);
        const all = used.get(target) ?? new Set();
        for (const name of names) all.add(name);
        used.set(target, all);
      }
    }
    return repository.sources
      .filter(({ path, isTest, isGenerated }) => !isTest && !isGenerated && !path.endsWith("/index.ts"))
      .flatMap((source) => unused(source, used.get(source.path) ?? new Set()));
  },
};

function unused(source: Source, names: ReadonlySet<string>): Finding[] {
  if (names.has("*")) return [];
  return [...source.code.matchAll(DECLARATION)]
    .filter((match) => !names.has(match[1] ?? "") && !isNeededByName(source, match[1] ?? ""))
    .map((match) => ({
      path: source.path,
      line: lineOf(source.code, match.index),
      text: `nobody imports ${match[1]}`,
    }));
}

/** A type that an exported declaration mentions must be exported too, for callers that write it down. */
function isNeededByName(source: Source, name: string): boolean {
  if (!new RegExp(`^export\\s+(?:interface|type)\\s+${name}\\b`, "m").test(source.code)) return false;
  return (source.code.match(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, "g"))?.length ?? 0) > 1;
}
