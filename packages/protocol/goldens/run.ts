// `npm run goldens -- FILE…`: checks files of golden vectors both ways and prints how many passed and failed;
// without a file, those of this folder. Ends with 1 when one failed.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runFile } from "./run-file.ts";

const FAILURES_SHOWN_MAX = 10;

const own = ["messages", "frames", "internal", "batches", "misc"].map((name) =>
  fileURLToPath(new URL(`${name}.jsonl`, import.meta.url)),
);
// npm runs scripts in the repository's root, and tells where the user stood.
const from = process.env["INIT_CWD"] ?? process.cwd();
const paths = process.argv.length > 2 ? process.argv.slice(2).map((path) => resolve(from, path)) : own;

let passed = 0;
let failed = 0;
for (const path of paths) {
  const outcome = runFile(path);
  passed += outcome.passed;
  failed += outcome.failed;
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped (of other packages)` : "";
  console.log(`${path}: ${outcome.passed} passed, ${outcome.failed} failed${skipped}`);
  for (const failure of outcome.failures.slice(0, FAILURES_SHOWN_MAX)) console.log(`  ${failure}`);
}
console.log(`total: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
