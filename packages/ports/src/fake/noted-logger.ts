// A logger for tests: keeps the sentences of the levels that ask for attention, drops the rest.
import type { Logger } from "../logger.ts";

/** Sentences by level, in the order they were written. */
export class NotedLogger implements Logger {
  readonly warnings: string[] = [];
  readonly errors: string[] = [];

  debug(): void {}
  info(): void {}
  warn(message: string): void {
    this.warnings.push(message);
  }
  error(message: string): void {
    this.errors.push(message);
  }
}
