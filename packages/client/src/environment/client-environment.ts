// What a client asks of the world around it. A program takes `nodeEnvironment()`; the simulator passes the
// ports of a simulated node.
import type { Ports } from "@ottla/ports";

/** The ports that clients use. */
export type ClientPorts = Pick<Ports, "clock" | "timers" | "turn" | "random" | "crypto" | "zip" | "network">;

/** Where a client says what its caller cannot see. `origin` is the name of Apache Kafka's logger. */
export interface ClientLogger {
  debug(text: string, origin: string): void;
  info(text: string, origin: string): void;
  warn(text: string, origin: string): void;
  error(text: string, origin: string): void;
}

/** Says nothing. */
export const silentLogger: ClientLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** Surroundings of the clients of one program. */
export interface ClientEnvironment {
  readonly ports: ClientPorts;
  readonly logger: ClientLogger;
  /** 1, 2, 3 … per kind, for clients without a `client.id` of their own. */
  nextClientNumber(kind: "adminclient" | "producer" | "consumer"): number;
}

/** An environment over given ports. */
export function clientEnvironment(
  ports: ClientPorts,
  logger: ClientLogger = silentLogger,
): ClientEnvironment {
  const numbers = new Map<string, number>();
  return {
    ports,
    logger,
    nextClientNumber(kind) {
      const number = (numbers.get(kind) ?? 0) + 1;
      numbers.set(kind, number);
      return number;
    },
  };
}

/** A logger whose lines begin with the client's name, as in `[Producer clientId=producer-1] `. */
export function prefixedLogger(logger: ClientLogger, prefix: string): ClientLogger {
  return {
    debug: (text, origin) => logger.debug(prefix + text, origin),
    info: (text, origin) => logger.info(prefix + text, origin),
    warn: (text, origin) => logger.warn(prefix + text, origin),
    error: (text, origin) => logger.error(prefix + text, origin),
  };
}
