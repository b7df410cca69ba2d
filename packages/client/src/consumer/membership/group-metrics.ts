// What a member of a group measures of its coordinator's work and of rebalances, in milliseconds.
import type { MetricList } from "../../metrics/client-metric.ts";
import { type MetricWindows, WindowedValues } from "../../metrics/windowed-values.ts";

export class GroupMetrics {
  readonly joins: WindowedValues;
  readonly syncs: WindowedValues;
  readonly heartbeats: WindowedValues;
  readonly commits: WindowedValues;
  readonly rebalances: WindowedValues;
  readonly failedRebalances: WindowedValues;
  /** Of the user's callbacks. */
  readonly assigned: WindowedValues;
  readonly revoked: WindowedValues;
  readonly lost: WindowedValues;
  lastHeartbeatMs: number | null = null;
  #lastRebalanceMs: number | null = null;
  #rebalanceStartMs: number | null = null;

  constructor(windows: MetricWindows) {
    this.joins = new WindowedValues(windows);
    this.syncs = new WindowedValues(windows);
    this.heartbeats = new WindowedValues(windows);
    this.commits = new WindowedValues(windows);
    this.rebalances = new WindowedValues(windows);
    this.failedRebalances = new WindowedValues(windows);
    this.assigned = new WindowedValues(windows);
    this.revoked = new WindowedValues(windows);
    this.lost = new WindowedValues(windows);
  }

  /** A rebalance is under way from its first look at what to give up. */
  rebalanceBegins(nowMs: number): void {
    this.#rebalanceStartMs ??= nowMs;
  }

  /** The user was told of what it brought. */
  rebalanceEnds(nowMs: number): void {
    this.rebalances.record(nowMs - (this.#rebalanceStartMs ?? nowMs), nowMs);
    this.#rebalanceStartMs = null;
    this.#lastRebalanceMs = nowMs;
  }

  list(into: MetricList, assignedPartitions: number, nowMs: number): void {
    into.value("assigned-partitions", assignedPartitions);
    into.countMeter("commit", this.commits);
    into.averageAndMax("commit-latency", this.commits);
    into.countMeter("heartbeat", this.heartbeats);
    into.value("heartbeat-response-time-max", this.heartbeats.max(nowMs));
    into.secondsSince("last-heartbeat-seconds-ago", this.lastHeartbeatMs);
    into.countMeter("join", this.joins);
    into.averageAndMax("join-time", this.joins);
    into.countMeter("sync", this.syncs);
    into.averageAndMax("sync-time", this.syncs);
    into.averageAndMax("rebalance-latency", this.rebalances);
    into.value("rebalance-latency-total", this.rebalances.total);
    // Apache Kafka counts them within the windows, whatever the name says.
    into.value("rebalance-rate-per-hour", this.rebalances.count(nowMs));
    into.value("rebalance-total", this.rebalances.totalCount);
    into.value("failed-rebalance-rate-per-hour", this.failedRebalances.count(nowMs));
    into.value("failed-rebalance-total", this.failedRebalances.totalCount);
    into.secondsSince("last-rebalance-seconds-ago", this.#lastRebalanceMs);
    into.averageAndMax("partition-assigned-latency", this.assigned);
    into.averageAndMax("partition-revoked-latency", this.revoked);
    into.averageAndMax("partition-lost-latency", this.lost);
  }
}
