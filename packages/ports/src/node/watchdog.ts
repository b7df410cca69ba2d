// The watchdog of a real process: a worker thread that sleeps, looks whether the loop has counted on, and
// sends SIGKILL to the process after so many looks in vain. A process that was stopped, or whose machine
// slept, has slept through one look, however long that was, and its loop runs again before the next.
import { Worker } from "node:worker_threads";
import type { Watchdog, WatchOptions } from "../watchdog.ts";
import { WATCHDOG_LOOKS } from "./limits.ts";

/** Words of the memory that both threads share. */
const words = { beats: 0, isStopped: 1, longestSilenceMs: 2 } as const;

/**
 * Text, so that it survives bundling. The line goes out by a description of its own that does not block: a
 * reader of a pipe who stands still may be why the loop does.
 */
const workerSource = `
const { workerData } = require("node:worker_threads");
const fs = require("node:fs");
const { memory, lookMs, looksMax, lastWords, words } = workerData;
const shared = new Int32Array(memory);
let seen = Atomics.load(shared, words.beats);
let looks = 0;
while (Atomics.wait(shared, words.isStopped, 0, lookMs) === "timed-out") {
  const beats = Atomics.load(shared, words.beats);
  if (beats !== seen) {
    seen = beats;
    looks = 0;
    continue;
  }
  looks += 1;
  const silentMs = Math.round(looks * lookMs);
  if (silentMs > Atomics.load(shared, words.longestSilenceMs)) {
    Atomics.store(shared, words.longestSilenceMs, silentMs);
  }
  if (looks < looksMax) continue;
  const { O_WRONLY, O_APPEND, O_NONBLOCK } = fs.constants;
  let output = 2;
  try {
    output = fs.openSync("/dev/stderr", O_WRONLY | O_APPEND | O_NONBLOCK);
  } catch {}
  try {
    fs.writeSync(output, lastWords + "\\n");
  } catch {}
  process.kill(process.pid, "SIGKILL");
}`;

class NodeWatchdog implements Watchdog {
  #shared: Int32Array | null = null;
  #longestSilenceMs = 0;

  get isWatching(): boolean {
    return this.#shared !== null;
  }

  get longestSilenceMs(): number {
    if (this.#shared === null) return this.#longestSilenceMs;
    return Math.max(this.#longestSilenceMs, Atomics.load(this.#shared, words.longestSilenceMs));
  }

  watch({ silenceMsMax, lastWords, failed }: WatchOptions): void {
    if (this.#shared !== null) return;
    const memory = new SharedArrayBuffer(Object.keys(words).length * Int32Array.BYTES_PER_ELEMENT);
    const shared = new Int32Array(memory);
    this.#shared = shared;
    const worker = new Worker(workerSource, {
      eval: true,
      name: "watchdog",
      workerData: {
        memory,
        lookMs: silenceMsMax / WATCHDOG_LOOKS,
        looksMax: WATCHDOG_LOOKS,
        lastWords,
        words,
      },
      // Nothing of how the process was started concerns it, neither modules to load first nor NODE_OPTIONS.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      trackUnmanagedFds: false,
    });
    worker.unref();
    let cause = new Error("the thread of the watchdog ended");
    worker.on("error", (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.on("exit", () => {
      if (this.#shared !== shared) return;
      this.stop();
      failed(cause);
    });
  }

  beat(): void {
    if (this.#shared !== null) Atomics.add(this.#shared, words.beats, 1);
  }

  stop(): void {
    const shared = this.#shared;
    if (shared === null) return;
    this.#longestSilenceMs = this.longestSilenceMs;
    this.#shared = null;
    Atomics.store(shared, words.isStopped, 1);
    Atomics.notify(shared, words.isStopped);
  }
}

/** The watchdog of this process's loop. Its thread, of some 14 MiB, begins with `watch`. */
export function createNodeWatchdog(): Watchdog {
  return new NodeWatchdog();
}
