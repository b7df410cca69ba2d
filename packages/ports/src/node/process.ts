// The operating-system process a broker runs in.
import { readFileSync, writeSync } from "node:fs";
import nodeProcess from "node:process";
import type { Process } from "../process.ts";

/** Used where the system names no limit (Windows) or cannot be asked. */
const OPEN_FILES_FALLBACK = 8192;

function readOpenFilesMax(): number {
  if (nodeProcess.platform === "linux") {
    const line = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    if (line?.[1] === "unlimited") return Number.MAX_SAFE_INTEGER;
    if (line?.[1] !== undefined) return Number(line[1]);
  }
  const report = nodeProcess.report?.getReport() as { userLimits?: Record<string, { soft?: unknown }> };
  const soft = report?.userLimits?.["open_files"]?.soft;
  if (soft === "unlimited") return Number.MAX_SAFE_INTEGER;
  return typeof soft === "number" ? soft : OPEN_FILES_FALLBACK;
}

/** This process. */
export function createNodeProcess(): Process {
  let openFilesMax: number | null = null;
  return {
    pid: nodeProcess.pid,
    residentBytes: () => nodeProcess.memoryUsage.rss(),
    cpuSeconds: () => {
      const usage = nodeProcess.cpuUsage();
      return (usage.user + usage.system) / 1e6;
    },
    openFilesMax: () => {
      openFilesMax ??= readOpenFilesMax();
      return openFilesMax;
    },
    halt: (exitCode: number, reason: string) => {
      // Written past any buffered logger, since nothing will flush one; exit hooks could touch the state that
      // is wrong.
      writeSync(2, `halt: ${reason}\n`);
      nodeProcess.removeAllListeners("exit");
      nodeProcess.exit(exitCode);
    },
  };
}
