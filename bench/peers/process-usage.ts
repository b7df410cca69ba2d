// CPU seconds and resident memory of a process, children not included, from /proc.
import { readFileSync } from "node:fs";

const ticksPerSecond = 100;

/** What a process used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The highest resident size so far. */
  readonly residentBytesMax: number;
  /** Bytes that the disk had to deliver for it. */
  readonly diskReadBytes: number;
}

/** Reads the usage of a live process. */
export function readProcessUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The command name may hold blanks and brackets: fields are counted after its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const io = readFileSync(`/proc/${pid}/io`, "latin1");
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentBytes: kib("VmRSS") * 1024,
    residentBytesMax: kib("VmHWM") * 1024,
    diskReadBytes: Number(/^read_bytes: (\d+)/m.exec(io)?.[1] ?? 0),
  };
}
