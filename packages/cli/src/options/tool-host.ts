// What a command line tool may touch, so that it runs in a test as in a process: files, clock, network,
// streams, signals, environment. Real in process-host.ts.
import type { Ports } from "@ottla/ports";

/** Signals a tool may want to end well on. */
export type ToolSignal = "SIGINT" | "SIGTERM";

/** Standard input. */
export interface ToolInput {
  readonly isTerminal: boolean;
  /** Bytes as they come; ends at the end of input. To be read once. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** The world of a tool. */
export interface ToolHost {
  readonly ports: Ports;
  /** Standard output, in order; see `drained` for back-pressure. */
  readonly out: (data: string | Uint8Array) => void;
  readonly outIsTerminal: boolean;
  /** Resolves once standard output has taken what it was given. */
  readonly drained: () => Promise<void>;
  readonly err: (text: string) => void;
  /** Default: no. */
  readonly errIsTerminal?: boolean;
  readonly input: ToolInput;
  readonly environment: ReadonlyMap<string, string>;
  /** `path` against the working directory, as the Disk port wants it. */
  readonly absolutePath: (path: string) => string;
  /**
   * Calls `listener` once nobody reads standard output any more; answers how to stop. Without a listener that
   * ends the process.
   */
  readonly onOutClosed?: (listener: () => void) => () => void;
  /** Calls `listener` at each signal, which then no longer ends the process; answers how to stop. */
  readonly onSignal: (listener: (signal: ToolSignal) => void) => () => void;
}

/** A tool: the words of its command line in, the exit code out. */
export type Tool = (words: readonly string[], host: ToolHost) => Promise<number>;
