// Runs chores in one worker thread, a task at a time, in order. The worker starts with the first task and
// does not keep the process alive when idle. If it dies, the running task fails and the next one starts a
// fresh worker. The program names one module that exports `chores`, its functions by name: worker and loop
// share no closures.
import { Worker } from "node:worker_threads";
import type { ChoreDone, Chores } from "../chores.ts";

/** What a worker is started with: short enough to be text, so that it survives bundling. */
const WORKER_SOURCE = `
const { parentPort, workerData } = require("node:worker_threads");
const loaded = import(workerData);
parentPort.on("message", async ({ name, input }) => {
  try {
    const chore = (await loaded).chores.get(name);
    if (chore === undefined) throw new Error("no chore is called " + name);
    parentPort.postMessage({ result: await chore(input) });
  } catch (error) {
    parentPort.postMessage({ error });
  }
});`;

interface Task {
  readonly name: string;
  readonly input: unknown;
  readonly done: ChoreDone<unknown>;
}

type Answer = { readonly result: unknown } | { readonly error: unknown };

class NodeChores implements Chores {
  readonly #module: string | null;
  readonly #tasks: Task[] = [];
  #running: Task | null = null;
  #worker: Worker | null = null;

  constructor(module: URL | null) {
    this.#module = module?.href ?? null;
  }

  run<Result>(name: string, input: unknown, done: ChoreDone<Result>): void {
    this.#tasks.push({ name, input, done: done as ChoreDone<unknown> });
    if (this.#running === null) this.#next();
  }

  #next(): void {
    const task = this.#tasks.shift();
    if (task === undefined) {
      this.#worker?.unref();
      return;
    }
    this.#running = task;
    if (this.#module === null) {
      setImmediate(() => this.#finish(task, new Error(`no chore module holds ${task.name}`)));
      return;
    }
    this.#worker ??= this.#start(this.#module);
    this.#worker.ref();
    try {
      this.#worker.postMessage({ name: task.name, input: task.input });
    } catch (error) {
      // An input that cannot be cloned is the caller's bug; it learns of it as of every other failure.
      setImmediate(() => this.#finish(task, asError(error)));
    }
  }

  #start(module: string): Worker {
    const worker = new Worker(WORKER_SOURCE, { eval: true, workerData: module, name: "chores" });
    worker.on("message", (answer: Answer) => {
      if (this.#running === null) return;
      this.#finish(this.#running, "error" in answer ? asError(answer.error) : answer.result);
    });
    worker.on("error", (error) => this.#died(worker, error));
    worker.on("exit", (code) => this.#died(worker, new Error(`the chore worker ended with code ${code}`)));
    return worker;
  }

  #died(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (this.#running !== null) this.#finish(this.#running, error);
  }

  #finish(task: Task, result: unknown): void {
    if (this.#running !== task) return;
    this.#running = null;
    this.#next();
    task.done(result);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * Chores of the module at `module`, which exports `chores: ChoreTable`. Without a module every chore fails.
 */
export function createNodeChores(module: URL | null): Chores {
  return new NodeChores(module);
}
