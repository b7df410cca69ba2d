// One log line in the form that Kafka's scripts and readers know: `[2026-11-21 10:00:00,123] INFO text
// (logger)`. Fields that the text does not name follow as `key=value`; an error's stack follows on lines of
// its own.
import type { LogLevel } from "@ottla/ports";

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** Local time as `yyyy-MM-dd HH:mm:ss,SSS`. */
function logTime(wallMs: number): string {
  const at = new Date(wallMs);
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1, 2)}-${pad(at.getDate(), 2)}`;
  const time = `${pad(at.getHours(), 2)}:${pad(at.getMinutes(), 2)}:${pad(at.getSeconds(), 2)}`;
  return `${day} ${time},${pad(at.getMilliseconds(), 3)}`;
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
  if (typeof value === "bigint") return value.toString();
  return JSON.stringify(value) ?? "undefined";
}

/** The line, with a newline at its end. */
export function kafkaTextLine(entry: {
  readonly wallMs: number;
  readonly level: LogLevel;
  readonly logger: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}): string {
  let fields = "";
  let stack = "";
  for (const [name, value] of Object.entries(entry.fields)) {
    if (value instanceof Error) stack += `${value.stack ?? value.message}\n`;
    else fields += ` ${name}=${fieldText(value)}`;
  }
  return `[${logTime(entry.wallMs)}] ${entry.level} ${entry.message}${fields} (${entry.logger})\n${stack}`;
}
