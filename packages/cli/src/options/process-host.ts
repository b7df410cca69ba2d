// The host of a tool that is a process of its own, and the frame that runs one.
import { resolve } from "node:path";
import process from "node:process";
import { createNodePorts, createNodeTimers } from "@ottla/ports";
import type { Tool, ToolHost, ToolSignal } from "./tool-host.ts";

/** Conventional exit codes of a process that a signal ended. */
export const signalExitCodes: Readonly<Record<ToolSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** The streams, files, network and signals of this process. */
function createProcessHost(): ToolHost {
  const { stdin, stderr } = process;
  const output = new ProcessOutput();
  const ports = createNodePorts();
  return {
    // A tool that waits for a broker has nothing else that keeps its process.
    ports: { ...ports, timers: createNodeTimers(ports.clock, { keepsProcess: true }) },
    out: (data) => output.write(data),
    outIsTerminal: process.stdout.isTTY === true,
    drained: () => output.drained(),
    onOutClosed: (listener) => output.onClosed(listener),
    err: (text) => {
      stderr.write(text);
    },
    errIsTerminal: stderr.isTTY === true,
    input: {
      get isTerminal(): boolean {
        return stdin.isTTY === true;
      },
      chunks: () => stdin,
    },
    environment: new Map(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    absolutePath: (path) => resolve(path).replaceAll("\\", "/"),
    onSignal: (listener) => {
      let isTold = false;
      const tell = (signal: ToolSignal): void => {
        // Who asks twice does not want to wait for brokers that do not answer.
        if (isTold) process.exit(signalExitCodes[signal]);
        isTold = true;
        listener(signal);
      };
      process.on("SIGINT", tell).on("SIGTERM", tell);
      return () => process.off("SIGINT", tell).off("SIGTERM", tell);
    },
  };
}

/** Standard output, whose reader may go away (`| head`): that is no failure of the tool. */
class ProcessOutput {
  readonly #stream = process.stdout;
  #isClosed = false;
  #listener: (() => void) | null = null;
  /** Who waits until what was written is taken. */
  #waiting: (() => void)[] = [];

  constructor() {
    this.#stream.on("drain", () => this.#goOn());
    this.#stream.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#isClosed) return;
      if (error.code !== "EPIPE") throw error;
      if (this.#listener === null) process.exit(0);
      this.#isClosed = true;
      this.#listener();
      this.#goOn();
    });
  }

  write(data: string | Uint8Array): void {
    if (!this.#isClosed) this.#stream.write(data);
  }

  drained(): Promise<void> {
    if (this.#isClosed || !this.#stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  onClosed(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  #goOn(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Runs a tool on the words of this process, then ends it with the tool's exit code. */
export async function runProcess(tool: Tool): Promise<void> {
  const code = await tool(process.argv.slice(2), createProcessHost());
  // What is written must leave first; then nothing that is still open may keep the process.
  await new Promise<void>((done) => {
    process.stdout.write("", () => process.stderr.write("", () => done()));
  });
  process.exit(code);
}
