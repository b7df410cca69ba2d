// Each rule finds what it is there to find, in repositories of a few lines made up for the purpose.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rule } from "./finding.ts";
import { metricsOf } from "./pages/metrics-page.ts";
import { applyExceptions } from "./ratchet.ts";
import { repositoryOf } from "./repository.ts";
import { fileLines, folderSources, functionLines, lineChars, readmeLines } from "./rules/caps.ts";
import { fileCycles } from "./rules/cycles.ts";
import { deadExports } from "./rules/dead-exports.ts";
import { documentedPaths } from "./rules/doc-paths.ts";
import { layerTable, packageDependencies, packageImports } from "./rules/layers.ts";
import { fileHeaders, fileNames, generatedBanner, todos } from "./rules/names.ts";
import { asyncInCores, machineNames } from "./rules/purity.ts";
import { bannedWords, lockFile } from "./rules/words.ts";
import { stripCode } from "./strip-code.ts";

function found(rule: Rule, files: Readonly<Record<string, string>>): string[] {
  const repository = repositoryOf(Object.entries(files).map(([path, text]) => ({ path, text })));
  return rule.find(repository).map(({ path, text }) => `${path}: ${text}`);
}

const TABLE = JSON.stringify({
  packages: [
    { name: "low", layer: 0, imports: [] },
    { name: "high", layer: 1, imports: ["low"] },
  ],
});
const HOUSE = {
  "tools/tidy/layers.json": TABLE,
  "packages/low/package.json": "{}",
  "packages/low/tsconfig.json": "{}",
  "packages/high/package.json": JSON.stringify({ dependencies: { "@ottla/low": "*", pino: "1" } }),
  "packages/high/tsconfig.json": JSON.stringify({ references: [{ path: "../low" }] }),
};

test("stripping keeps code and blanks comments, strings and regular expressions", () => {
  const source = "a('x'); // b\nc(`d${e}f`, /g[/\"]h/, 1 / 2); /* i\nj */ k";
  const stripped = stripCode(source);
  assert.equal(stripped.length, source.length);
  assert.equal(stripped.replace(/ +/g, " "), "a(' '); \nc(` ${e} `, / /, 1 / 2); \n k");
});

test("a package without a row, a planned one that exists and a cycle are found", () => {
  assert.deepEqual(found(layerTable, HOUSE), []);
  assert.equal(found(layerTable, { ...HOUSE, "packages/new/package.json": "{}" }).length, 1);
  const cycle = JSON.stringify({
    packages: [
      { name: "low", layer: 1, imports: ["high"] },
      { name: "high", layer: 1, imports: ["low"], planned: true },
    ],
  });
  assert.equal(found(layerTable, { ...HOUSE, "tools/tidy/layers.json": cycle }).length, 3);
});

test("a dependency outside the table and a missing reference are found", () => {
  assert.deepEqual(found(packageDependencies, HOUSE), []);
  const upwards = { ...HOUSE, "packages/low/package.json": '{"dependencies":{"@ottla/high":"*"}}' };
  assert.equal(found(packageDependencies, upwards).length, 2);
});

test("imports past a package's door, out of the package, undeclared or of no file are found", () => {
  const lines = [
    'import { a } from "@ottla/low";',
    'import { b } from "@ottla/low/inner.ts";',
    'import type { c } from "../../low/src/inner.ts";',
    'import d from "left-pad";',
    'export * from "./nowhere.ts";',
    'import { e } from "pino";',
    'import { f } from "@ottla/high";',
    '// import { g } from "@ottla/ports";',
  ];
  const complaints = found(packageImports, { ...HOUSE, "packages/high/src/x.ts": lines.join("\n") });
  assert.equal(complaints.length, 5, complaints.join("\n"));
});

test("files that import each other are found, types alone are not", () => {
  const cycle = (kind: string): Record<string, string> => ({
    "packages/low/src/a.ts": 'import { b } from "./b.ts";',
    "packages/low/src/b.ts": `import ${kind}{ a } from "./a.ts";`,
  });
  assert.equal(found(fileCycles, cycle("")).length, 1);
  assert.equal(found(fileCycles, cycle("type ")).length, 0);
});

test("the machine is found by its names, wherever they are not somebody else's", () => {
  const pure = (code: string): number => found(machineNames, { "packages/log/src/x.ts": code }).length;
  for (const code of [
    "const a = Date.now();",
    "setTimeout(f, 1);",
    "const b = Buffer.alloc(1);",
    "const c = Math.random();",
    'import { readFileSync } from "node:fs";',
    "if (process.pid > 1) f();",
    "new WeakRef(x);",
  ]) {
    assert.equal(pure(code), 1, code);
  }
  for (const code of [
    "ports.process.pid;",
    "interface P { readonly process: Process }\nfunction f({ process }: P) { return process.pid; }",
    "// Date.now()",
    'const text = "setTimeout";',
    "const isDate = x.Date;",
    "class T {\n  setTimeout(task: Task, delayMs: number): void {\n    this.f();\n  }\n}",
  ]) {
    assert.equal(pure(code), 0, code);
  }
  const clock = { "packages/ports/src/node/clock.ts": 'import "node:fs"; Date.now();' };
  assert.equal(found(machineNames, clock).length, 0);
});

test("async is found in the cores and nowhere else", () => {
  const code = "async function f() { await g(); }";
  assert.equal(found(asyncInCores, { "packages/log/src/x.ts": code }).length, 2);
  assert.equal(found(asyncInCores, { "packages/metadata/src/controller/x.ts": code }).length, 2);
  assert.equal(found(asyncInCores, { "packages/metadata/src/meta-log/x.ts": code }).length, 0);
  assert.equal(found(asyncInCores, { "packages/log/src/x.test.ts": code }).length, 0);
});

test("files, functions, lines, READMEs and folders over their caps are found", () => {
  const body = (lines: number): string => "  f();\n".repeat(lines);
  assert.equal(found(fileLines, { "tools/x.ts": "a;\n".repeat(701) }).length, 1);
  assert.equal(found(fileLines, { "packages/a/src/generated/x.ts": "a;\n".repeat(701) }).length, 0);
  assert.equal(
    found(functionLines, { "tools/x.ts": `function g(a: () => void): Map<a, b> {\n${body(70)}}` }).length,
    1,
  );
  assert.equal(found(functionLines, { "tools/x.ts": `const g = () => {\n${body(70)}};` }).length, 1);
  assert.equal(found(functionLines, { "tools/x.ts": `if (g()) {\n${body(70)}}` }).length, 0);
  assert.equal(found(functionLines, { "tools/x.ts": `class G {\n${body(70)}}` }).length, 0);
  assert.equal(found(lineChars, { "tools/x.ts": `// ${"x".repeat(110)}` }).length, 1);
  assert.equal(found(lineChars, { "tools/x.ts": `const a = "${"x".repeat(110)}";` }).length, 0);
  assert.equal(found(readmeLines, { "packages/a/package.json": "{}" }).length, 1);
  assert.equal(
    found(readmeLines, { "packages/a/package.json": "{}", "packages/a/README.md": "a\n".repeat(41) }).length,
    1,
  );
  const folder = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`packages/a/src/f${n}.ts`, ""]));
  assert.equal(found(folderSources, folder).length, 1);
});

test("names for leftovers, missing headers and banners, and TODOs without an issue are found", () => {
  assert.equal(found(fileNames, { "packages/a/src/utils/x.ts": "" }).length, 1);
  assert.equal(found(fileNames, { "packages/a/src/string-helpers.ts": "" }).length, 1);
  assert.equal(found(fileNames, { "packages/a/src/camelCase.ts": "" }).length, 1);
  assert.equal(found(fileHeaders, { "tools/x.ts": 'import "a";' }).length, 1);
  assert.equal(found(fileHeaders, { "tools/x.ts": "#!/usr/bin/env node\n// What it owns.\n" }).length, 0);
  assert.equal(found(fileHeaders, { "tools/x.ts": "// a\n".repeat(9) }).length, 1);
  assert.equal(found(generatedBanner, { "packages/a/src/generated/x.ts": "// Something" }).length, 1);
  assert.equal(found(todos, { "tools/a/x.ts": "// TODO: later\n// TODO(#12): later" }).length, 1);
});

test("exports that nobody imports are found", () => {
  const files = {
    "packages/a/src/index.ts": 'export { door } from "./x.ts";',
    "packages/a/src/x.ts":
      "export const door = 1;\nexport function dead() {}\nexport interface Kept {}\nexport const y: Kept = {};",
    "packages/a/src/z.ts": 'import { y } from "./x.ts";',
  };
  assert.deepEqual(found(deadExports, files), ["packages/a/src/x.ts: nobody imports dead"]);
});

test("paths of one machine, registries and download URLs are found", () => {
  assert.equal(
    found(bannedWords, { "a.md": `see /${"work"}/main/x and https://${"registry"}.example.org/y` }).length,
    2,
  );
  assert.equal(found(bannedWords, { "a.ts": 'join(root, "/workers/x", "./work/x")' }).length, 0);
  assert.equal(found(lockFile, { "package-lock.json": '{"resolved": "https://x/y.tgz"}' }).length, 1);
});

test("a document that names a missing path is found", () => {
  const text =
    "See `packages/a/src/x.ts`, `a/x.ts`, `packages/nowhere/y.ts` and `packages/*/z.ts`.\n  b/dead.ts\n";
  assert.deepEqual(found(documentedPaths, { "ARCHITECTURE.md": text, "packages/a/src/x.ts": "" }), [
    "ARCHITECTURE.md: packages/nowhere/y.ts does not exist",
    "ARCHITECTURE.md: b/dead.ts does not exist",
  ]);
});

test("metrics are read off the sources with their meaning", () => {
  const text =
    'counter("ottla_a_total", "How many a."); // "ottla_c"\n{ name: "ottla_b", kind: "gauge", help: "The b now." }';
  assert.deepEqual(metricsOf(repositoryOf([{ path: "packages/a/src/x.ts", text }])), [
    { name: "ottla_a_total", kind: "counter", meaning: "How many a." },
    { name: "ottla_b", kind: "gauge", meaning: "The b now." },
  ]);
});

test("an exception covers what it names up to its limit", () => {
  const findings = [{ path: "a.ts", line: 0, text: "800 lines", measured: 800 }];
  const exception = { rule: "file-lines", path: "a.ts", limit: 800, reason: "a table" };
  assert.equal(applyExceptions("file-lines", findings, [exception]).left.length, 0);
  assert.equal(applyExceptions("file-lines", findings, [{ ...exception, limit: 799 }]).left.length, 1);
  assert.equal(applyExceptions("line-chars", findings, [exception]).left.length, 1);
});
