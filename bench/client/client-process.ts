// The program of a load generator: takes orders from the process that started it, and answers with results.
import { type TaskName, tasks } from "./tasks/tasks.ts";

/** An order, and what came of it. */
export interface OrderMessage {
  readonly id: number;
  readonly task: TaskName;
  readonly order: unknown;
}

/** Either a result or an error. */
export interface ResultMessage {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

process.on("message", (message: OrderMessage) => {
  const run = tasks[message.task] as (order: unknown) => Promise<unknown>;
  const answer = (rest: Omit<ResultMessage, "id">): void => {
    process.send?.({ id: message.id, ...rest } satisfies ResultMessage);
  };
  run(message.order).then(
    (result) => answer({ result }),
    (error: unknown) =>
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : "unknown" }),
  );
});
process.on("disconnect", () => process.exit(0));
