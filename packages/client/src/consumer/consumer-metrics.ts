// What a consumer measures beyond its connections: by poll, by request and by partition of an answer, never
// by record. Groups and names are Apache Kafka's.
import { type ClientMetric, MetricList, withCount } from "../metrics/client-metric.ts";
import type { ConnectionMetrics } from "../metrics/connection-metrics.ts";
import { WindowedValues } from "../metrics/windowed-values.ts";
import { FetchMetrics } from "./fetch/fetch-metrics.ts";
import { GroupMetrics } from "./membership/group-metrics.ts";
import type { Subscription } from "./subscription/subscription.ts";

const NS_PER_MS = 1e6;

/** The measures of one consumer. */
export class ConsumerMetrics {
  readonly fetch: FetchMetrics;
  readonly group: GroupMetrics;
  readonly #connections: ConnectionMetrics;
  readonly #betweenPolls: WindowedValues;
  readonly #idleRatio: WindowedValues;
  #pollStartMs: number | null = null;
  #pollEndMs: number | null = null;
  #commitSyncMs = 0;
  #committedMs = 0;

  constructor(connections: ConnectionMetrics) {
    const { windows } = connections;
    this.#connections = connections;
    this.fetch = new FetchMetrics(connections);
    this.group = new GroupMetrics(windows);
    this.#betweenPolls = new WindowedValues(windows);
    this.#idleRatio = new WindowedValues(windows);
  }

  pollBegins(): void {
    const nowMs = this.#connections.nowMs();
    if (this.#pollStartMs !== null) this.#betweenPolls.record(nowMs - this.#pollStartMs, nowMs);
    this.#pollStartMs = nowMs;
  }

  /** The part of the time between two polls' ends that was spent in the poll. */
  pollEnds(): void {
    const nowMs = this.#connections.nowMs();
    if (this.#pollEndMs !== null && nowMs > this.#pollEndMs) {
      this.#idleRatio.record((nowMs - (this.#pollStartMs ?? nowMs)) / (nowMs - this.#pollEndMs), nowMs);
    }
    this.#pollEndMs = nowMs;
  }

  /** A call of `commit` took so long. */
  committedSync(elapsedMs: number): void {
    this.#commitSyncMs += elapsedMs;
  }

  /** A call of `committed` took so long. */
  askedCommitted(elapsedMs: number): void {
    this.#committedMs += elapsedMs;
  }

  /** Everything, connections included. Without a group there are no metrics of a coordinator. */
  list(subscription: Subscription, isInGroup: boolean): readonly ClientMetric[] {
    const nowMs = this.#connections.nowMs();
    const metrics = this.#connections.list();
    const { tags } = this.#connections;
    const list = new MetricList("consumer-metrics", tags, nowMs, metrics);
    list.value("commit-sync-time-ns-total", this.#commitSyncMs * NS_PER_MS);
    list.value("committed-time-ns-total", this.#committedMs * NS_PER_MS);
    list.secondsSince("last-poll-seconds-ago", this.#pollStartMs);
    list.value("poll-idle-ratio-avg", this.#idleRatio.average(nowMs));
    list.averageAndMax("time-between-poll", this.#betweenPolls);
    this.fetch.list(subscription, metrics);
    if (isInGroup) {
      const group = new MetricList("consumer-coordinator-metrics", tags, nowMs, metrics);
      this.group.list(group, subscription.partitionCount, nowMs);
    }
    return withCount(metrics, tags);
  }
}
