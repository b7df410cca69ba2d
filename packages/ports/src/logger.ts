// Where every package tells what an operator may want to know, and from which level each logger tells
// (KIP-412). `cli` backs it with pino, tests with an array.
// Not a port of a node: the simulator draws nothing from it, and no behaviour may depend on it.

/** Structured logging: a sentence and the fields that go with it. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Severities as Kafka prints them, the finest first. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The logger that all others follow that have no level of their own. */
export const ROOT_LOGGER = "root";

/** Loggers carry the names of Kafka's classes, which operators know and scripts look for. */
export interface Loggers {
  /** The logger of that name; made when it is asked for first. */
  named(name: string): Logger;
  /** The levels that hold, by name; the root is one of them. */
  levels(): ReadonlyMap<string, LogLevel>;
  /** Holds at once, and until the process ends. Null: the root's again. The name is one of `levels`. */
  setLevel(name: string, level: LogLevel | null): void;
}

/** One logger under every name; levels are kept, and tell nothing to it. */
export function plainLoggers(logger: Logger): Loggers {
  const levels = new Map<string, LogLevel>([[ROOT_LOGGER, "INFO"]]);
  const names = new Set<string>([ROOT_LOGGER]);
  return {
    named: (name) => {
      names.add(name);
      return logger;
    },
    levels: () =>
      new Map([...names].map((name) => [name, levels.get(name) ?? levels.get(ROOT_LOGGER) ?? "INFO"])),
    setLevel: (name, level) => {
      if (level === null) levels.delete(name);
      else levels.set(name, level);
    },
  };
}
