// The producer's settings from the tool's options: file, words, then what has an option of its own.
import type { ClientSettings } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { keyValueWords, optionSetting } from "../client-tool/given-properties.ts";

/** Options that stand for one setting each, in Kafka's order: of two for one setting, a later one wins. */
const ONE_SETTING: readonly (readonly [key: string, option: string])[] = [
  ["linger.ms", "timeout"],
  ["acks", "request-required-acks"],
  ["request.timeout.ms", "request-timeout-ms"],
  ["retries", "message-send-max-retries"],
  ["retry.backoff.ms", "retry-backoff-ms"],
  ["send.buffer.bytes", "socket-buffer-size"],
  ["buffer.memory", "max-memory-bytes"],
  ["batch.size", "batch-size"],
  ["batch.size", "max-partition-memory-bytes"],
  ["metadata.max.age.ms", "metadata-expiry-ms"],
  ["max.block.ms", "max-block-ms"],
];

/** `configOption`, `propertyOption`: under which name file and words were given. */
export function producerSettings(
  given: GivenOptions,
  host: ToolHost,
  configOption: string,
  propertyOption: string,
): ClientSettings {
  let settings: ClientSettings = {
    "client.id": "console-producer",
    ...readSettings(host, given.value(configOption)),
    ...keyValueWords(given.values(propertyOption)),
    "bootstrap.servers": given.valueOr("bootstrap-server"),
    "compression.type": compressionType(given),
  };
  for (const [key, option] of ONE_SETTING) {
    if (option !== "request-required-acks") given.number(option);
    settings = optionSetting(settings, key, given, option);
  }
  return settings;
}

function compressionType(given: GivenOptions): string {
  if (!given.has("compression-codec")) return "none";
  const codec = given.value("compression-codec");
  return codec === null || codec === "" ? "gzip" : codec;
}
