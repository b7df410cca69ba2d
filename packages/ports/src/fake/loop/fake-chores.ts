// Chores in a simulated node: each runs as an event of its own, one at a time; input and result are cloned,
// as they would be on the way to a worker.
import type { ChoreDone, Chores, ChoreTable } from "../../chores.ts";
import { type FakeLife, NodeCrashed } from "../fake-life.ts";

interface Task {
  readonly name: string;
  readonly input: unknown;
  readonly done: ChoreDone<unknown>;
}

/** The chores of one life. */
export class FakeChores implements Chores {
  readonly #life: FakeLife;
  readonly #table: ChoreTable;
  readonly #tasks: Task[] = [];
  #isRunning = false;

  constructor(life: FakeLife, table: ChoreTable) {
    this.#life = life;
    this.#table = table;
  }

  run<Result>(name: string, input: unknown, done: ChoreDone<Result>): void {
    this.#tasks.push({ name, input: structuredClone(input), done: done as ChoreDone<unknown> });
    if (!this.#isRunning) this.#next();
  }

  #next(): void {
    const task = this.#tasks.shift();
    this.#isRunning = task !== undefined;
    if (task === undefined) return;
    const { choreUs, turnEndUs } = this.#life.host.delays;
    this.#life.schedule("chore", this.#life.drawUs(choreUs), () => {
      const result = this.#perform(task);
      this.#life.schedule("chore-done", this.#life.drawUs(turnEndUs), () => task.done(result));
      this.#next();
    });
  }

  #perform({ name, input }: Task): unknown {
    const chore = this.#table.get(name);
    if (chore === undefined) return new Error(`no chore is called ${name}`);
    try {
      return structuredClone(chore(input));
    } catch (error) {
      if (error instanceof NodeCrashed) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
