// Cycles between the files of a package. Imports of types alone do not count: they are gone at run time.
import type { Finding, Rule } from "../finding.ts";
import { importsOf, resolveRelative } from "../imports.ts";

export const fileCycles: Rule = {
  name: "file-cycles",
  promise: "no file imports itself by way of others",
  find(repository) {
    const graph = new Map<string, readonly string[]>();
    for (const source of repository.sources) {
      const targets = importsOf(source)
        .filter(({ isType, specifier }) => !isType && specifier.startsWith("."))
        .map(({ specifier }) => resolveRelative(source.path, specifier));
      graph.set(source.path, targets);
    }
    const done = new Set<string>();
    return [...graph.keys()].flatMap((path): Finding[] => {
      const cycle = cycleFrom(path, graph, [], done);
      if (cycle === undefined) return [];
      return [{ path: cycle[0] ?? path, line: 0, text: `cycle: ${cycle.join(" -> ")}` }];
    });
  },
};

function cycleFrom(
  path: string,
  graph: ReadonlyMap<string, readonly string[]>,
  trail: readonly string[],
  done: Set<string>,
): readonly string[] | undefined {
  const at = trail.indexOf(path);
  if (at >= 0) return [...trail.slice(at), path];
  if (done.has(path)) return undefined;
  for (const next of graph.get(path) ?? []) {
    const cycle = cycleFrom(next, graph, [...trail, path], done);
    if (cycle !== undefined) {
      done.add(path);
      return cycle;
    }
  }
  done.add(path);
  return undefined;
}
