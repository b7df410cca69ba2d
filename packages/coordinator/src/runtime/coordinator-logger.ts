// Where a coordinator tells what an operator may want to know.

export interface CoordinatorLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
