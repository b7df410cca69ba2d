// What the parts of one consumer share.
import type { ClusterConnections } from "../cluster/cluster-connections.ts";
import type { ClientLogger } from "../environment/client-environment.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { ConsumerSettings } from "./consumer-settings.ts";
import type { Signal } from "./signal.ts";
import type { Subscription } from "./subscription/subscription.ts";

export interface ConsumerContext {
  readonly settings: ConsumerSettings;
  readonly connections: ClusterConnections;
  readonly subscription: Subscription;
  /** Told whenever something changed that a waiting poll may be waiting for. */
  readonly signal: Signal;
  readonly logger: ClientLogger;
  readonly metrics: ConsumerMetrics;
}
