// Settings that no client of this kind has are no error: one file may serve many programs. A line says so.
import type { ClientLogger } from "../environment/client-environment.ts";
import type { ClientConfig } from "./client-config.ts";

/** `origin`: Apache Kafka's class of the client's settings. */
export function warnOfUnknownKeys(config: ClientConfig, logger: ClientLogger, origin: string): void {
  if (config.unknownKeys.length === 0) return;
  const keys = config.unknownKeys.join(", ");
  logger.info(`These configurations '[${keys}]' were supplied but are not used yet.`, origin);
}
