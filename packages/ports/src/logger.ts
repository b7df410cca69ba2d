// Where every package tells what an operator may want to know. `cli` backs it with pino, tests with an array.
// Not a port of a node: the simulator draws nothing from it, and no behaviour may depend on it.

/** Structured logging: a sentence and the fields that go with it. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
