// What a broker asks of its process.

/** The process a node runs in. */
export interface Process {
  readonly pid: number;
  /** Resident memory in bytes. */
  residentBytes(): number;
  /** CPU seconds used so far, user and system. */
  cpuSeconds(): number;
  /** Soft limit on open files. */
  openFilesMax(): number;
  /** Ends the node at once because going on would be wrong; never returns in a real process. */
  halt(exitCode: number, reason: string): void;
}
