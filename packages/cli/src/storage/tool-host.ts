// What a command line tool may touch, so that its tests run in memory.
import type { Disk } from "@ottla/ports";

/** Disk, streams, time and randomness of a tool. */
export interface ToolHost {
  readonly disk: Disk;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly wallMs: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
}
