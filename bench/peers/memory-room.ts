// A memory limit that the peers of one run share, as a container gives a broker one, with its page cache full
// before a peer starts. Without it a broker on a virtual machine pays for every fresh page of the page cache
// (0.2 to 3.7 CPU seconds per GB were measured, by what the host had taken back), which is no figure of it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes of the limit: a JVM of 1 GiB and what the loads write at scale 1 have room in it. */
export const roomBytes = 4 * 1024 ** 3;

/** Starts programs inside the limit. */
export interface MemoryRoom {
  /** What to run in place of a program, so that it and its children live in the room. */
  inside(program: string, words: readonly string[]): readonly [string, readonly string[]];
  /** Fills what is free in the room with page cache; seconds. */
  fill(): void;
  close(): void;
}

/** Where the limit is written, by the version of cgroups: the directory and the name of the limit's file. */
function ownGroup(): { readonly directory: string; readonly limit: string } | null {
  if (!existsSync("/proc/self/cgroup")) return null;
  for (const line of readFileSync("/proc/self/cgroup", "utf8").split("\n")) {
    const [, controllers, path = ""] = line.split(":");
    if (controllers === "memory") {
      return { directory: join("/sys/fs/cgroup/memory", path), limit: "memory.limit_in_bytes" };
    }
    if (controllers === "" && existsSync("/sys/fs/cgroup/cgroup.controllers")) {
      return { directory: join("/sys/fs/cgroup", path), limit: "memory.max" };
    }
  }
  return null;
}

/** Opens a room, or says why this machine gives none (no cgroups, or not ours to write). */
export function openMemoryRoom(): MemoryRoom | string {
  const own = ownGroup();
  if (own === null) return "no memory cgroup";
  const directory = join(own.directory, `ottla-bench-${process.pid}`);
  try {
    mkdirSync(directory);
    writeFileSync(join(directory, own.limit), String(roomBytes));
  } catch (error) {
    if (existsSync(directory)) rmdirSync(directory);
    return error instanceof Error ? error.message : String(error);
  }
  const files = mkdtempSync(join(tmpdir(), "ottla-bench-room-"));
  const inside = (program: string, words: readonly string[]): readonly [string, readonly string[]] => [
    "sh",
    ["-c", `echo $$ > '${directory}/cgroup.procs' && exec "$0" "$@"`, program, ...words],
  ];
  const shell = (script: string): void => {
    const ended = spawnSync(...inside("sh", ["-c", script]));
    if (ended.status !== 0) throw new Error(`${script}: ${ended.stderr.toString()}`);
  };
  return {
    inside,
    fill() {
      const filler = join(files, "filler");
      // All of it is a hole: reading it takes pages of the cache and nothing of the disk.
      if (!existsSync(filler)) shell(`truncate -s ${roomBytes} '${filler}'`);
      shell(`cat '${filler}' > /dev/null`);
    },
    close() {
      rmSync(files, { recursive: true, force: true });
      rmdirSync(directory);
    },
  };
}
