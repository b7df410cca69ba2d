// The pages of docs/ that come from tables in code, and how they compare with what is on disk.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../repository.ts";
import { apisPage } from "./apis-page.ts";
import { configsPage } from "./configs-page.ts";
import { errorsPage } from "./errors-page.ts";
import { metricsPage } from "./metrics-page.ts";
import type { Page } from "./page.ts";

export const PAGES: readonly Page[] = [errorsPage, apisPage, configsPage, metricsPage];

/** The text as `npm run format` would leave it. */
export function formatted(path: string, text: string): string {
  const biome = join(ROOT, "node_modules/.bin/biome");
  const arguments_ = ["check", "--write", `--stdin-file-path=${path}`];
  const run = spawnSync(biome, arguments_, { cwd: ROOT, input: text, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${path}: ${run.stderr}`);
  return run.stdout;
}

/** Lines that count: how wide a table's columns are drawn does not. */
export function meaningfulLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").replace(/-{3,}/g, "---").trim())
    .filter((line) => line !== "");
}
