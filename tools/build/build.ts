// Builds the repository: one file per entry of `cli`, because a process that loads one file starts several
// times faster than one that loads three hundred; then types and the `dist` of every package. Runs as
// `prepare` after `npm install`; `--bundles-only` leaves the second part out, and names of entries behind it
// all other entries.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { build } from "rolldown";

const root = resolve(import.meta.dirname, "../..");
const entriesFolder = join(root, "packages/cli/src/entries");
const bundleFolder = join(root, "packages/cli/bundle");

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

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const entries = readdirSync(entriesFolder)
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .map((name) => basename(name, ".ts"))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

/** The server is one file: what one process alone needs is read fastest in one piece. */
const server = "server-start";
/** The tools are built together and keep what several of them need in files of its own. */
const tools = entries.filter((entry) => entry !== server);

const written = new Set<string>();
for (const group of [entries.filter((entry) => entry === server), tools]) {
  if (group.length === 0) continue;
  const { output } = await build({
    input: Object.fromEntries(group.map((entry) => [entry, join(entriesFolder, `${entry}.ts`)])),
    platform: "node",
    // Own packages are bundled from source, and what every start needs; what else npm installed stays
    // outside, natives among it.
    external: (id) => !isBundled(id),
    resolve: { conditionNames: ["@ottla/source", "import", "node"] },
    // A module of ours that nothing is taken from does nothing: half of what a tool would load.
    treeshake: group === tools ? { moduleSideEffects: false } : true,
    output: {
      dir: bundleFolder,
      entryFileNames: "[name].js",
      chunkFileNames: "shared/[name]-[hash].js",
      format: "esm",
      sourcemap: true,
      codeSplitting: group === tools,
    },
    logLevel: "warn",
  });
  for (const { fileName } of output) {
    written.add(fileName);
    if (fileName.endsWith(".js")) keepOneByteText(join(bundleFolder, fileName));
  }
}
// Files of an older build lie beside the new ones under other names; last, so that a tool may run meanwhile.
for (const name of wanted.length > 0 ? [] : readdirSync(join(bundleFolder, "shared"))) {
  if (!written.has(`shared/${name}`)) rmSync(join(bundleFolder, "shared", name));
}

if (!process.argv.includes("--bundles-only")) {
  const types = spawnSync("tsc", ["-b"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  process.exit(types.status ?? 1);
}
