// Writes the pages of docs/ that come from tables in code: `npm run docs`.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatted, PAGES } from "./pages/pages.ts";
import { ROOT } from "./repository.ts";

for (const page of PAGES) {
  const file = join(ROOT, page.path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, formatted(page.path, await page.render()));
  console.log(page.path);
}
