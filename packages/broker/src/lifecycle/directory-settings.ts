// What may change at run time about a broker's log directories, as the newest metadata has it: which of them
// get no new replicas (KIP-1066), and how fast replicas are copied between them. A setting of this broker
// goes before one for all brokers, both before the file.
import type { BrokerConfig } from "@ottla/config";
import { configResourceTypes, type MetadataImage } from "@ottla/metadata";

const CORDONED = "cordoned.log.dirs";
const MOVE_RATE = "replica.alter.log.dirs.io.max.bytes.per.second";
const ALL = "*";

/** Read anew with every question: both are asked rarely. */
export class DirectorySettings {
  readonly #config: BrokerConfig;
  readonly #image: () => MetadataImage | null;

  /** `image`: null before there is one. */
  constructor(config: BrokerConfig, image: () => MetadataImage | null) {
    this.#config = config;
    this.#image = image;
  }

  /** No new replica goes to the log directory of this path. */
  isCordoned(path: string): boolean {
    const cordoned = this.#value(CORDONED)
      .split(",")
      .map((entry) => entry.trim());
    return cordoned.includes(ALL) || cordoned.includes(path);
  }

  get moveBytesPerSecond(): number {
    const rate = Number(this.#value(MOVE_RATE));
    return rate > 0 ? Math.min(rate, Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER;
  }

  #value(name: string): string {
    const configs = this.#image()?.configs;
    const own = configs?.of(configResourceTypes.BROKER, String(this.#config.nodeId)).get(name);
    const forAll = configs?.of(configResourceTypes.BROKER, "").get(name);
    return own ?? forAll ?? this.#config.values.get(name) ?? "";
  }
}
