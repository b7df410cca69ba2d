// docs/apis.md: every API of Kafka with the versions this broker serves, from the table of served APIs in
// package broker.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { apiFacts } from "@ottla/protocol";
import { ROOT } from "../repository.ts";
import { markdownTable, opening, type Page } from "./page.ts";

const API_TABLE = "packages/broker/src/dispatch/api-table.ts";

interface ServedApi {
  readonly key: number;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly advertisedMin?: number;
}

export const apisPage: Page = {
  path: "docs/apis.md",
  async render() {
    const served = await servedApis();
    const rows = [...apiFacts]
      .sort((a, b) => a.key - b.key)
      .map((fact) => {
        const api = served.get(fact.key);
        return [
          String(fact.key),
          fact.name,
          api === undefined ? "" : versions(api.minVersion, api.maxVersion),
          versions(fact.minVersion, fact.latestStable),
          fact.listeners.join(", "),
        ];
      });
    const text = "Versions of each API that are served here, beside the stable ones of Apache Kafka.";
    const head = ["key", "API", "served", "Apache Kafka", "listeners"];
    return [opening("APIs", text), markdownTable(head, rows), ""].join("\n\n");
  },
};

function versions(min: number, max: number): string {
  if (max < min) return "none";
  return min === max ? String(min) : `${min} to ${max}`;
}

/** The entries that the table's module exports, in whichever collection. */
async function servedApis(): Promise<ReadonlyMap<number, ServedApi>> {
  const file = join(ROOT, API_TABLE);
  if (!existsSync(file)) return new Map();
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const entries = Object.values(module).flatMap(entriesIn);
  if (entries.length === 0) throw new Error(`${API_TABLE} exports no list or map of served APIs`);
  return new Map(entries.map((entry) => [entry.key, entry]));
}

function entriesIn(value: unknown): ServedApi[] {
  const items = value instanceof Map ? [...value.values()] : Array.isArray(value) ? value : [];
  return items.filter(
    (item): item is ServedApi => typeof item?.key === "number" && typeof item.maxVersion === "number",
  );
}
