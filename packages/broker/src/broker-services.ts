// What handlers may use of the broker that runs them. Filled by `broker.ts`; handlers name only what stands here.
import type { BrokerConfig } from "@ottla/config";
import type { LogManager } from "@ottla/log";
import type { MetadataImage } from "@ottla/metadata";
import type { Ports } from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import type { Logger } from "./logger.ts";
import type { TurnEnd } from "./turn-end.ts";

/** The newest published cluster metadata. */
export interface MetadataCache {
  readonly image: MetadataImage;
}

/** The services of one broker. */
export interface BrokerServices {
  readonly nodeId: number;
  readonly clusterId: Uuid;
  readonly config: BrokerConfig;
  readonly ports: Ports;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
  readonly logs: LogManager;
  readonly turnEnd: TurnEnd;
}
