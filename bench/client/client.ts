// A load generator in a process of its own, so that neither what ran before nor who prints results slows it.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { OrderMessage, ResultMessage } from "./client-process.ts";
import type { OrderOf, ResultOf, TaskName } from "./tasks/tasks.ts";

const program = join(import.meta.dirname, "client-process.ts");

/** Takes orders; several may run at once. */
export class Client {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, { done: (result: unknown) => void; failed: (error: Error) => void }>();
  #next = 0;

  constructor() {
    this.#child = fork(program, [], { execArgv: ["--conditions=@ottla/source"] });
    this.#child.on("message", ({ id, result, error }: ResultMessage) => {
      const waiting = this.#open.get(id);
      this.#open.delete(id);
      if (error === undefined) waiting?.done(result);
      else waiting?.failed(new Error(error));
    });
    this.#child.on("exit", () => {
      for (const { failed } of this.#open.values()) failed(new Error("the client process ended"));
    });
  }

  async run<Name extends TaskName>(task: Name, order: OrderOf<Name>): Promise<ResultOf<Name>> {
    const id = this.#next++;
    return await new Promise((done, failed) => {
      this.#open.set(id, { done: done as (result: unknown) => void, failed });
      this.#child.send({ id, task, order } satisfies OrderMessage);
    });
  }

  close(): void {
    this.#child.disconnect();
  }
}

/** Runs `work` with so many clients, and ends them whatever comes of it. */
export async function withClients<Result>(
  count: number,
  work: (...clients: Client[]) => Promise<Result>,
): Promise<Result> {
  const clients = Array.from({ length: count }, () => new Client());
  try {
    return await work(...clients);
  } finally {
    for (const client of clients) client.close();
  }
}
