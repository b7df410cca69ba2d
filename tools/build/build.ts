// Builds the repository: one file per entry of `cli`, because a process that loads one file starts several times faster than one
// that loads three hundred; then types and the `dist` of every package. Runs as `prepare` after `npm install`; `--bundles-only`
// leaves the second part out.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { build } from "rolldown";

const root = resolve(import.meta.dirname, "../..");
const entriesFolder = join(root, "packages/cli/src/entries");

const entries = readdirSync(entriesFolder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
for (const entry of entries) {
  await build({
    input: join(entriesFolder, entry),
    platform: "node",
    // Own packages are bundled from source; what npm installed stays outside, natives among it.
    external: (id) => !id.startsWith(".") && !id.startsWith("/") && !id.startsWith("@ottla/"),
    resolve: { conditionNames: ["@ottla/source", "import", "node"] },
    output: {
      file: join(root, "packages/cli/bundle", `${basename(entry, ".ts")}.js`),
      format: "esm",
      sourcemap: true,
      codeSplitting: false,
    },
    logLevel: "warn",
  });
}

if (!process.argv.includes("--bundles-only")) {
  const types = spawnSync("tsc", ["-b"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  process.exit(types.status ?? 1);
}
