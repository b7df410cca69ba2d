// The repository checks itself: one test per rule, one per page of docs, and one that keeps the exceptions
// few.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding, Rule } from "./finding.ts";
import { meaningfulLines, PAGES } from "./pages/pages.ts";
import { applyExceptions, type Exception, readExceptions } from "./ratchet.ts";
import { fileAt, readRepository } from "./repository.ts";
import { fileLines, folderSources, functionLines, lineChars, readmeLines } from "./rules/caps.ts";
import { fileCycles } from "./rules/cycles.ts";
import { deadExports } from "./rules/dead-exports.ts";
import { documentedPaths } from "./rules/doc-paths.ts";
import { layerTable, packageDependencies, packageImports } from "./rules/layers.ts";
import { fileHeaders, fileNames, generatedBanner, todos } from "./rules/names.ts";
import { asyncInCores, machineNames } from "./rules/purity.ts";
import { bannedWords, lockFile } from "./rules/words.ts";

const RULES: readonly Rule[] = [
  layerTable,
  packageDependencies,
  packageImports,
  fileCycles,
  machineNames,
  asyncInCores,
  fileLines,
  functionLines,
  lineChars,
  readmeLines,
  folderSources,
  fileNames,
  fileHeaders,
  generatedBanner,
  todos,
  deadExports,
  bannedWords,
  lockFile,
  documentedPaths,
];

const FINDINGS_SHOWN_MAX = 60;
const repository = readRepository();
const exceptions = readExceptions();
const found = RULES.map((rule) => ({
  rule,
  ...applyExceptions(rule.name, rule.find(repository), exceptions),
}));

function told(rule: Rule, findings: readonly Finding[]): string {
  const lines = findings
    .slice(0, FINDINGS_SHOWN_MAX)
    .map(({ path, line, text }) => `  ${path}${line === 0 ? "" : `:${line}`}: ${text}`);
  const more = findings.length - lines.length;
  return [
    `${rule.name}: ${rule.promise}; not so:`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}

for (const { rule, left } of found) {
  test(rule.promise, () => {
    assert.ok(left.length === 0, told(rule, left));
  });
}

test("every exception in ratchet.json is still needed, has a reason and belongs to a rule", () => {
  const used = new Set<Exception>(found.flatMap(({ used: each }) => [...each]));
  for (const exception of exceptions) {
    const what = `${exception.rule} ${exception.path}`;
    assert.ok(
      RULES.some((rule) => rule.name === exception.rule),
      `${what}: no such rule`,
    );
    assert.ok(exception.reason.length > 10, `${what}: no reason`);
    assert.ok(used.has(exception), `${what}: not needed any more, delete it`);
  }
});

for (const page of PAGES) {
  test(`${page.path} says what the code says (npm run docs writes it)`, async () => {
    const file = fileAt(repository, page.path);
    assert.ok(file, `${page.path} is missing`);
    assert.deepEqual(meaningfulLines(file.text), meaningfulLines(await page.render()));
  });
}
