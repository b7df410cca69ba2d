// The log of a server process: pino underneath, JSON lines by default, Kafka's text lines on a terminal or
// when asked for. Each logger is a child that carries its name, as scripts know it from Kafka, and has a
// level that may be changed.
import { type Logger, type Loggers, type LogLevel, ROOT_LOGGER } from "@ottla/ports";
import { type DestinationStream, destination, type Level, type Logger as PinoLogger, pino } from "pino";
import { kafkaTextLine } from "./kafka-text-line.ts";

/** `auto` is text on a terminal and JSON elsewhere. */
export type LogFormat = "auto" | "text" | "json";

/** The format that `OTTLA_LOG_FORMAT` names; null when it names none. */
export function logFormatOf(text: string | undefined): LogFormat | null {
  if (text === undefined || text === "") return "auto";
  return text === "auto" || text === "text" || text === "json" ? text : null;
}

const levelNames = new Map<number, LogLevel>([
  [10, "TRACE"],
  [20, "DEBUG"],
  [30, "INFO"],
  [40, "WARN"],
  [50, "ERROR"],
  [60, "FATAL"],
]);

/** A stream that turns pino's JSON lines into text lines. */
function textStream(write: (line: string) => void): DestinationStream {
  return {
    write(json: string): void {
      const { time, level, logger, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
      if (typeof fields.error === "object" && fields.error !== null) {
        const { message, stack } = fields.error as { message?: string; stack?: string };
        fields.error = Object.assign(new Error(message ?? ""), { stack: stack ?? message });
      }
      write(
        kafkaTextLine({
          wallMs: Number(time),
          level: levelNames.get(Number(level)) ?? "INFO",
          logger: String(logger),
          message: String(msg),
          fields,
        }),
      );
    },
  };
}

/** An error that explains a line is told by its message; the stack belongs to bugs, in the field `error`. */
function causeText(cause: unknown): unknown {
  return cause instanceof Error ? cause.message : cause;
}

/**
 * Opens the log of this process on standard output. Writes are synchronous: the last line before a halt is
 * not lost.
 */
export function openServerLog(format: LogFormat): Loggers {
  const out = destination({ fd: 1, sync: true });
  // A reader of the log that goes away (`| head`) must not take the broker with it.
  out.on("error", () => {});
  const isText = format === "text" || (format === "auto" && process.stdout.isTTY);
  const root = pino(
    {
      level: "info",
      base: null,
      serializers: { error: pino.stdSerializers.err, cause: causeText },
      formatters: isText ? {} : { level: (label) => ({ level: label }) },
    },
    isText ? textStream((line) => out.write(line)) : out,
  );
  return new PinoLoggers(root);
}

/** Each logger is a child of the root that has a level of its own, or the root's. */
export class PinoLoggers implements Loggers {
  readonly #root: PinoLogger;
  readonly #children = new Map<string, PinoLogger>();
  readonly #own = new Map<string, LogLevel>([[ROOT_LOGGER, "INFO"]]);

  constructor(root: PinoLogger) {
    this.#root = root;
  }

  named(logger: string): Logger {
    const child = this.#children.get(logger) ?? this.#root.child({ logger });
    this.#children.set(logger, child);
    child.level = pinoLevel(this.#levelOf(logger));
    return {
      debug: (message, fields) => child.debug(fields ?? {}, message),
      info: (message, fields) => child.info(fields ?? {}, message),
      warn: (message, fields) => child.warn(fields ?? {}, message),
      error: (message, fields) => child.error(fields ?? {}, message),
    };
  }

  levels(): ReadonlyMap<string, LogLevel> {
    const names = [ROOT_LOGGER, ...this.#children.keys()];
    return new Map(names.map((name) => [name, this.#levelOf(name)]));
  }

  setLevel(name: string, level: LogLevel | null): void {
    if (level !== null) this.#own.set(name, level);
    else if (name !== ROOT_LOGGER) this.#own.delete(name);
    for (const [logger, child] of this.#children) child.level = pinoLevel(this.#levelOf(logger));
  }

  #levelOf(name: string): LogLevel {
    return this.#own.get(name) ?? this.#own.get(ROOT_LOGGER) ?? "INFO";
  }
}

function pinoLevel(level: LogLevel): Level {
  return level.toLowerCase() as Level;
}
