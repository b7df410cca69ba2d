// The settings of topics as the controller sees them: the topic's own, then those of all brokers, then this
// process's.
import { type BrokerConfig, type LogConfig, resolveLogConfig, resolveLogDefaults } from "@ottla/config";
import { configResourceTypes } from "../image/configs-image.ts";
import type { MetadataImage } from "../image/metadata-image.ts";

/** Resolves settings of topics; keeps the defaults of the newest image. */
export class TopicSettings {
  readonly #config: BrokerConfig;
  #dynamicDefaults: ReadonlyMap<string, string> | null = null;
  #texts: ReadonlyMap<string, string | null> = new Map();
  #defaults: LogConfig;

  constructor(config: BrokerConfig) {
    this.#config = config;
    this.#defaults = config.logDefaults;
  }

  of(image: MetadataImage, topic: string): LogConfig {
    this.#refresh(image);
    return resolveLogConfig(image.configs.of(configResourceTypes.TOPIC, topic), this.#defaults);
  }

  /** Every broker setting as a text, those that the cluster sets for all brokers on top. */
  brokerTexts(image: MetadataImage): ReadonlyMap<string, string | null> {
    this.#refresh(image);
    return this.#texts;
  }

  #refresh(image: MetadataImage): void {
    const dynamic = image.configs.of(configResourceTypes.BROKER, "");
    if (dynamic === this.#dynamicDefaults) return;
    this.#dynamicDefaults = dynamic;
    this.#texts = new Map([...this.#config.values, ...dynamic]);
    this.#defaults = dynamic.size === 0 ? this.#config.logDefaults : resolveLogDefaults(this.#texts);
  }
}
