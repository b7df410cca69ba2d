// docs/metrics.md: every metric that /metrics shows. Names and meanings are read off the sources, because a
// metric is declared where it is counted: a string `ottla_…` or `kafka_…`, followed by its meaning.
import { lineOf } from "../finding.ts";
import { type Repository, readRepository, type Source } from "../repository.ts";
import { code, markdownTable, opening, type Page } from "./page.ts";

const NAME = /"((?:ottla|kafka)_[a-z0-9_]+)"/g;
/** A metric's meaning stands at most this far behind its name. */
const MEANING_CHARS = 400;

interface Metric {
  readonly name: string;
  readonly kind: string;
  readonly meaning: string;
}

export const metricsPage: Page = {
  path: "docs/metrics.md",
  async render() {
    const rows = metricsOf(readRepository()).map(({ name, kind, meaning }) => [code(name), kind, meaning]);
    const text = "What `/metrics` shows in the Prometheus text format.";
    return [opening("Metrics", text), markdownTable(["metric", "kind", "meaning"], rows), ""].join("\n\n");
  },
};

/** Every metric named in a source, once, by name. */
export function metricsOf(repository: Repository): readonly Metric[] {
  const metrics = new Map<string, Metric>();
  for (const source of repository.sources.filter(({ isTest, isGenerated }) => !isTest && !isGenerated)) {
    for (const match of source.text.matchAll(NAME)) {
      // In a comment the quotes are blank too.
      if (source.code[match.index] !== '"') continue;
      const name = match[1] ?? "";
      const metric = {
        name,
        kind: kindOf(name, source, match.index),
        meaning: meaningAfter(source, match.index),
      };
      if (!metrics.has(name) || metrics.get(name)?.meaning === "") metrics.set(name, metric);
    }
  }
  return [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Prometheus names tell a counter, calls a gauge; else the word nearest to the name tells. */
function kindOf(name: string, source: Source, index: number): string {
  if (name.endsWith("_total")) return "counter";
  if (/\bgauge\(\s*$/.test(source.text.slice(0, index))) return "gauge";
  const line = lineOf(source.text, index);
  const near = source.text
    .split("\n")
    .slice(Math.max(0, line - 3), line + 4)
    .join("\n");
  return /\bhistogram\b/i.test(near) && !/"gauge"/.test(near) ? "histogram" : "gauge";
}

/** The first sentence behind the name, before the next metric; else the `help` that stands just before it. */
function meaningAfter(source: Source, index: number): string {
  const after = source.text.slice(index, index + MEANING_CHARS);
  const next = after.slice(1).search(/"(?:ottla|kafka)_/);
  const own = next < 0 ? after : after.slice(0, next + 1);
  const before = source.text.slice(Math.max(0, index - MEANING_CHARS), index);
  const sentence = /"([A-Z][^"\n]* [^"\n]*)"/.exec(own) ?? /\bhelp = "([^"\n]+)"/.exec(before);
  return sentence?.[1] ?? "";
}
