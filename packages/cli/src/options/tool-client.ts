// What tools give the clients they make: the settings of a properties file, and a log on standard error.
import { type ClientEnvironment, type ClientSettings, clientEnvironment } from "@ottla/client";
import { expandReferences, formatConfigProblem, parseProperties } from "@ottla/config";
import { DiskError, type LogLevel } from "@ottla/ports";
import { kafkaTextLine } from "../logging/kafka-text-line.ts";
import { JavaException } from "./java-exception.ts";
import type { ToolHost } from "./tool-host.ts";

/** Writes one log line on standard error, in Kafka's form. */
export function logLine(host: ToolHost, level: LogLevel, message: string, logger: string): void {
  host.err(kafkaTextLine({ wallMs: host.ports.clock.wallMs(), level, logger, message, fields: {} }));
}

/** The surroundings of a tool's clients: one for all of them. Warnings and errors are told. */
export function toolEnvironment(host: ToolHost): ClientEnvironment {
  return clientEnvironment(host.ports, {
    debug() {},
    info() {},
    warn: (text, origin) => logLine(host, "WARN", text, origin),
    error: (text, origin) => logLine(host, "ERROR", text, origin),
  });
}

/** A file of a user's, as text. Throws a `JavaException` that names the file. */
export function readUserFile(host: ToolHost, path: string): string {
  try {
    return new TextDecoder().decode(host.ports.disk.readFile(host.absolutePath(path)));
  } catch (cause) {
    if (!(cause instanceof DiskError)) throw cause;
    if (cause.code === "ENOENT") throw new JavaException("java.nio.file.NoSuchFileException", path);
    if (cause.code === "EACCES") throw new JavaException("java.nio.file.AccessDeniedException", path);
    const reason = cause.code === "EISDIR" ? "Is a directory" : `${path}: ${cause.code}`;
    throw new JavaException("java.io.IOException", reason);
  }
}

/**
 * The settings in a properties file, values of configuration providers put in; none without a path. Throws a
 * `JavaException` that names the file.
 */
export function readSettings(host: ToolHost, path: string | null): ClientSettings {
  if (path === null) return {};
  const { entries, problems } = expandReferences(parseProperties(readUserFile(host, path), path), {
    readFile: (source) => readUserFile(host, source),
    variable: (name) => host.environment.get(name),
  });
  if (problems.length > 0) {
    const reasons = problems.map(formatConfigProblem).join("; ");
    throw new JavaException("org.apache.kafka.common.config.ConfigException", reasons);
  }
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}
