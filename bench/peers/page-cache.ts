// Puts files where a load wants them: on the disk alone, or at least there too.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Files at least this large are worth it. */
const fileBytesMin = 64 * 1024;

/** Waits until the file system of `path` has written what it holds: the disk is idle afterwards. */
export function writeBack(path: string): void {
  run("sync", ["-f", path]);
}

/** Drops the segments below `directory` from the page cache; answers how many bytes they hold. */
export function dropFromCache(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".log")) continue;
    const file = join(entry.parentPath, entry.name);
    const { size } = statSync(file);
    if (size < fileBytesMin) continue;
    bytes += size;
    run("dd", [`of=${file}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]);
  }
  return bytes;
}

function run(program: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr}`);
}
