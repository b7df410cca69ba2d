// The log of a server process: pino underneath, JSON lines by default, Kafka's text lines on a terminal or when asked for.
// A broker's `Logger` is one of its children.
import type { Logger } from "@ottla/broker";
import { type DestinationStream, destination, pino } from "pino";
import { kafkaTextLine, type LogLevelName } from "./kafka-text-line.ts";

/** `auto` is text on a terminal and JSON elsewhere. */
export type LogFormat = "auto" | "text" | "json";

const levelNames = new Map<number, LogLevelName>([
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

/** Opens the log of this process on standard output. Writes are synchronous: the last line before a halt is not lost. */
export function openServerLog(format: LogFormat, level: "debug" | "info" | "warn" | "error"): Logger {
  const out = destination({ fd: 1, sync: true });
  const isText = format === "text" || (format === "auto" && process.stdout.isTTY);
  const root = pino(
    {
      level,
      base: null,
      serializers: { error: pino.stdSerializers.err },
      formatters: isText ? {} : { level: (label) => ({ level: label }) },
    },
    isText ? textStream((line) => out.write(line)) : out,
  ).child({ logger: "ottla" });
  return {
    debug: (message, fields) => root.debug(fields ?? {}, message),
    info: (message, fields) => root.info(fields ?? {}, message),
    warn: (message, fields) => root.warn(fields ?? {}, message),
    error: (message, fields) => root.error(fields ?? {}, message),
  };
}
