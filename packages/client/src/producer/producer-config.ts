// The settings of a producer, with what one setting demands of another: texts and exceptions are Apache
// Kafka's. Unlike other settings these depend on whether the user set them.
import { COMPRESSION_NAMES } from "@ottla/protocol";
import { ClientConfig, type ClientSettings } from "../config/client-config.ts";
import { ConfigError } from "../config/config-error.ts";
import { PRODUCER_CONFIGS } from "../config/producer-configs.ts";
import type { ClientLogger } from "../environment/client-environment.ts";

const IN_FLIGHT_MAX_FOR_IDEMPOTENCE = 5;
const ORIGIN = "org.apache.kafka.clients.producer.ProducerConfig";

/** What the parts of a producer ask for all the time. */
export interface ProducerConfig {
  /** −1: all. */
  readonly acks: number;
  readonly isIdempotent: boolean;
  readonly inFlightMax: number;
  readonly retries: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly memoryBytes: number;
  readonly blockMsMax: number;
  readonly requestBytesMax: number;
  readonly requestTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
  /** Codec id. */
  readonly compression: number;
  readonly compressionLevel: number | undefined;
  readonly metadataIdleMsMax: number;
}

/** Resolves settings. Throws `ConfigError`. */
export function resolveProducerConfig(settings: ClientSettings): ClientConfig {
  return new ClientConfig(PRODUCER_CONFIGS, settings);
}

/** Settings as numbers; `logger` is told of what was decided for the user. Throws `ConfigError`. */
export function producerConfigOf(config: ClientConfig, logger: ClientLogger): ProducerConfig {
  if (config.textOrNull("transactional.id") !== null) {
    throw new ConfigError("transactional.id", "transactional.id: this client has no transactions");
  }
  const acksText = config.text("acks");
  const lingerMs = config.number("linger.ms");
  const requestTimeoutMs = config.number("request.timeout.ms");
  const compression = COMPRESSION_NAMES.indexOf(config.text("compression.type"));
  return {
    acks: acksText === "all" ? -1 : Number(acksText),
    isIdempotent: isIdempotent(config, logger),
    inFlightMax: config.number("max.in.flight.requests.per.connection"),
    retries: config.number("retries"),
    batchBytes: Math.max(1, config.number("batch.size")),
    lingerMs,
    memoryBytes: config.number("buffer.memory"),
    blockMsMax: config.number("max.block.ms"),
    requestBytesMax: config.number("max.request.size"),
    requestTimeoutMs,
    deliveryTimeoutMs: deliveryTimeoutMs(config, logger, lingerMs + requestTimeoutMs),
    compression,
    compressionLevel: compressionLevel(config),
    metadataIdleMsMax: config.number("metadata.max.idle.ms"),
  };
}

function isIdempotent(config: ClientConfig, logger: ClientLogger): boolean {
  if (!config.boolean("enable.idempotence")) return false;
  const mustBe = config.isGiven("enable.idempotence");
  const retries = config.number("retries");
  const acks = config.text("acks");
  const inFlight = config.number("max.in.flight.requests.per.connection");
  if (retries === 0) {
    if (mustBe) {
      const message = "Must set retries to non-zero when using the idempotent producer.";
      throw new ConfigError("retries", message);
    }
    logger.info("Idempotence will be disabled because retries is set to 0.", ORIGIN);
    return false;
  }
  if (acks !== "all" && acks !== "-1") {
    if (mustBe) {
      const message =
        "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.";
      throw new ConfigError("acks", message);
    }
    logger.info(`Idempotence will be disabled because acks is set to ${acks}, not set to 'all'.`, ORIGIN);
    return false;
  }
  if (inFlight > IN_FLIGHT_MAX_FOR_IDEMPOTENCE) {
    const name = "max.in.flight.requests.per.connection";
    const message = `To use the idempotent producer, ${name} must be set to at most 5. Current value is ${inFlight}.`;
    throw new ConfigError(name, message);
  }
  return true;
}

function deliveryTimeoutMs(config: ClientConfig, logger: ClientLogger, leastMs: number): number {
  const name = "delivery.timeout.ms";
  const timeoutMs = config.number(name);
  if (timeoutMs >= leastMs) return timeoutMs;
  if (config.isGiven(name)) {
    throw new ConfigError(name, `${name} should be equal to or larger than linger.ms + request.timeout.ms`);
  }
  logger.warn(
    `${name} should be equal to or larger than linger.ms + request.timeout.ms. Setting it to ${leastMs}.`,
    ORIGIN,
  );
  return leastMs;
}

/** Undefined: the codec's own default. */
function compressionLevel(config: ClientConfig): number | undefined {
  const name = `compression.${config.text("compression.type")}.level`;
  if (!["compression.gzip.level", "compression.lz4.level", "compression.zstd.level"].includes(name)) {
    return undefined;
  }
  const level = config.number(name);
  return config.isGiven(name) && level !== -1 ? level : undefined;
}
