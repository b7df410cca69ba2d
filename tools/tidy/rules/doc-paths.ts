// Paths named in documents exist: a map that lies is worse than none.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Finding, lineOf, type Rule } from "../finding.ts";
import { ROOT } from "../repository.ts";

const DOCUMENTS =
  /^(?:ARCHITECTURE|CONTRIBUTING|README)\.md$|^packages\/[^/]+\/README\.md$|^docs\/(?:decisions|formats)\/.+\.md$/;
const ROOTS = /^(?:packages|tools|docs|bin|config|acceptance|bench|\.ci)\//;

export const documentedPaths: Rule = {
  name: "documented-paths",
  promise: "every path that a document names exists",
  find(repository) {
    const known = new Set(repository.files.map(({ path }) => path));
    return repository.files
      .filter(({ path }) => DOCUMENTS.test(path))
      .flatMap(({ path, text }) =>
        pathsIn(text).flatMap(({ named, index }): Finding[] => {
          const here = path.replace(/[^/]*$/, "");
          const candidates = [named, `${here}${named}`, `packages/${named}`, ...inSource(named)];
          if (candidates.some((candidate) => known.has(candidate) || existsSync(join(ROOT, candidate))))
            return [];
          return [{ path, line: lineOf(text, index), text: `${named} does not exist` }];
        }),
      );
  },
};

/** `broker/handlers/produce.ts` is short for packages/broker/src/handlers/produce.ts. */
function inSource(named: string): string[] {
  const [name = "", ...rest] = named.split("/");
  return [`packages/${name}/src/${rest.join("/")}`];
}

/** Paths in backquotes and links, and sources named anywhere; patterns and placeholders are none. */
function pathsIn(text: string): { named: string; index: number }[] {
  const found = [
    ...text.matchAll(/`([^`\s]+)`/g),
    ...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g),
    ...text.matchAll(/(?<![\w/.`*-])([a-z][\w-]*(?:\/[\w.-]+)+\.ts)\b/g),
  ];
  return found.flatMap((match) => {
    const named = (match[1] ?? "").replace(/^\.\//, "").replace(/\/$/, "");
    const isPath = ROOTS.test(named) || /^[a-z][\w-]*(?:\/[\w.-]+)+\.(?:ts|md|json|sh)$/.test(named);
    const isPattern = /[*<>{}$…]|\.\.\.|NNNN|[A-Z]{4,}(?![A-Z]*\.md)|^https?:/.test(named);
    return isPath && !isPattern ? [{ named, index: match.index }] : [];
  });
}
