// Builds the repository: type-checks and emits every package. Runs as `prepare` after `npm install`.
import { spawnSync } from "node:child_process";

const result = spawnSync("tsc", ["-b"], { stdio: "inherit", shell: process.platform === "win32" });
process.exit(result.status ?? 1);
