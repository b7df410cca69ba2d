// Builds the repository: one file per entry of `cli`, because a process that loads one file starts several
// times faster than one that loads three hundred; then types and the `dist` of every package. Runs as
// `prepare` after `npm install`; `--bundles-only` leaves the second part out.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { build } from "rolldown";

const root = resolve(import.meta.dirname, "../..");
const entriesFolder = join(root, "packages/cli/src/entries");

/**
 * pino is twenty files, each of which costs a start about a millisecond. Files it requires itself are
 * relative to it or listed.
 */
const bundledLibraries = [
  "pino",
  "pino-std-serializers",
  "quick-format-unescaped",
  "sonic-boom",
  "safe-stable-stringify",
  "thread-stream",
  "on-exit-leak-free",
  "atomic-sleep",
  "real-require",
  "pino-abstract-transport",
  "@pinojs/redact",
  "process-warning",
];

function isBundled(id: string): boolean {
  if (id.startsWith(".") || id.startsWith("/") || id.startsWith("@ottla/")) return true;
  return bundledLibraries.includes(id);
}

/**
 * One character beyond Latin-1 makes the engine keep the whole source in two bytes a character, 2 MB a
 * process. Lines stay where they are, so the source map stays right.
 */
function keepOneByteText(file: string): void {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/[^\u0000-\u00ff]/g, escaped));
}

const entries = readdirSync(entriesFolder).filter(
  (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
);
for (const entry of entries) {
  const file = join(root, "packages/cli/bundle", `${basename(entry, ".ts")}.js`);
  await build({
    input: join(entriesFolder, entry),
    platform: "node",
    // Own packages are bundled from source, and what every start needs; what else npm installed stays
    // outside, natives among it.
    external: (id) => !isBundled(id),
    resolve: { conditionNames: ["@ottla/source", "import", "node"] },
    output: {
      file,
      format: "esm",
      sourcemap: true,
      codeSplitting: false,
    },
    logLevel: "warn",
  });
  keepOneByteText(file);
}

if (!process.argv.includes("--bundles-only")) {
  const types = spawnSync("tsc", ["-b"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  process.exit(types.status ?? 1);
}
