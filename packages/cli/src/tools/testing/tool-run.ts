// Runs a tool within a test: its streams are collected, its input is given, everything else is as the caller
// says.
import { createNodePorts } from "@ottla/ports";
import type { Tool, ToolHost, ToolSignal } from "../../options/tool-host.ts";

/** What a tool wrote and how it ended. */
export interface ToolRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Collects what a tool writes. `signal` acts as the user who presses a key would. */
export interface CollectingHost {
  readonly host: ToolHost;
  out(): string;
  err(): string;
  signal(signal: ToolSignal): void;
}

/** A host without a terminal. `input`: the chunks of standard input. */
export function collectingHost(
  input: AsyncIterable<Uint8Array> | readonly Uint8Array[] = [],
  overrides: Partial<ToolHost> = {},
): CollectingHost {
  const out: Uint8Array[] = [];
  let err = "";
  const listeners = new Set<(signal: ToolSignal) => void>();
  const encoder = new TextEncoder();
  const host: ToolHost = {
    ports: createNodePorts(),
    out: (data) => {
      out.push(typeof data === "string" ? encoder.encode(data) : data.slice());
    },
    outIsTerminal: false,
    drained: () => Promise.resolve(),
    err: (text) => {
      err += text;
    },
    input: {
      isTerminal: false,
      async *chunks() {
        yield* input;
      },
    },
    environment: new Map(),
    absolutePath: (path) => (path.startsWith("/") ? path : `/${path}`),
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...overrides,
  };
  return {
    host,
    out: () => new TextDecoder().decode(Buffer.concat(out)),
    err: () => err,
    signal: (signal) => {
      for (const listener of [...listeners]) listener(signal);
    },
  };
}

/** The whole run of a tool. */
export async function runTool(
  tool: Tool,
  words: readonly string[],
  input: AsyncIterable<Uint8Array> | readonly Uint8Array[] = [],
  overrides: Partial<ToolHost> = {},
): Promise<ToolRun> {
  const collecting = collectingHost(input, overrides);
  const code = await tool(words, collecting.host);
  return { code, out: collecting.out(), err: collecting.err() };
}
