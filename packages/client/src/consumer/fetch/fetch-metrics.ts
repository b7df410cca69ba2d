// What a consumer measures of what it reads: sums by fetch and topic once all of an answer was taken, lag and
// lead by partition whenever some of it is. Invariant: partitions that are not assigned any more are dropped.
import { METRIC_PARTITIONS_MAX, METRIC_TOPICS_MAX } from "../../limits.ts";
import { type ClientMetric, MetricList } from "../../metrics/client-metric.ts";
import type { ConnectionMetrics } from "../../metrics/connection-metrics.ts";
import { WindowedValues } from "../../metrics/windowed-values.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import type { Subscription } from "../subscription/subscription.ts";

class Amounts {
  /** Of each fetch. */
  readonly bytes: WindowedValues;
  readonly records: WindowedValues;

  constructor({ windows }: ConnectionMetrics) {
    this.bytes = new WindowedValues(windows);
    this.records = new WindowedValues(windows);
  }

  record({ bytes, records }: Taken, nowMs: number): void {
    this.bytes.record(bytes, nowMs);
    this.records.record(records, nowMs);
  }

  list(into: MetricList, nowMs: number): void {
    into.meter("bytes-consumed", this.bytes);
    into.averageAndMax("fetch-size", this.bytes);
    into.meter("records-consumed", this.records);
    into.value("records-per-request-avg", this.records.average(nowMs));
  }
}

interface Taken {
  bytes: number;
  records: number;
}

/** What was taken of one answer to Fetch. */
export class FetchSum {
  readonly all: Taken = { bytes: 0, records: 0 };
  readonly topics: Map<string, Taken> = new Map();
  readonly #metrics: FetchMetrics;
  #partitionsLeft: number;

  /** `partitions`: how many the answer has something to say about. */
  constructor(metrics: FetchMetrics, partitions: number) {
    this.#metrics = metrics;
    this.#partitionsLeft = partitions;
  }

  add(topic: string, bytes: number, records: number): void {
    const ofTopic = this.topics.get(topic) ?? { bytes: 0, records: 0 };
    this.topics.set(topic, ofTopic);
    for (const taken of [this.all, ofTopic]) {
      taken.bytes += bytes;
      taken.records += records;
    }
  }

  /** A partition's part is read up, or is of no interest any more. */
  partitionDone(): void {
    this.#partitionsLeft -= 1;
    if (this.#partitionsLeft === 0) this.#metrics.fetchDone(this);
  }
}

interface PartitionMeters {
  readonly lag: WindowedValues;
  readonly lead: WindowedValues;
  lastLag: number;
  lastLead: number;
}

export class FetchMetrics {
  readonly #connections: ConnectionMetrics;
  readonly #all: Amounts;
  readonly #topics = new Map<string, Amounts>();
  readonly #partitions = new Map<PartitionState, PartitionMeters>();
  readonly #lag: WindowedValues;
  readonly #lead: WindowedValues;
  #assignmentVersion = -1;

  constructor(connections: ConnectionMetrics) {
    const { windows } = connections;
    this.#connections = connections;
    this.#all = new Amounts(connections);
    this.#lag = new WindowedValues(windows);
    this.#lead = new WindowedValues(windows);
  }

  fetchDone({ all, topics }: FetchSum): void {
    const nowMs = this.#connections.nowMs();
    this.#all.record(all, nowMs);
    for (const [name, taken] of topics) this.#topic(name)?.record(taken, nowMs);
  }

  /** Some of the partition was taken. `end`: of what may be read; null when unknown. */
  advanced(state: PartitionState, end: number | null, subscription: Subscription): void {
    const nowMs = this.#connections.nowMs();
    const { position, logStartOffset } = state;
    const meters = this.#partition(state, subscription);
    if (position === null || meters === null) return;
    if (end !== null) {
      meters.lastLag = Math.max(0, end - position);
      meters.lag.record(meters.lastLag, nowMs);
      this.#lag.record(meters.lastLag, nowMs);
    }
    if (logStartOffset !== null) {
      meters.lastLead = Math.max(0, position - logStartOffset);
      meters.lead.record(meters.lastLead, nowMs);
      this.#lead.record(meters.lastLead, nowMs);
    }
  }

  list(subscription: Subscription, into: ClientMetric[]): void {
    const nowMs = this.#connections.nowMs();
    const { tags, latency, throttleTime } = this.#connections;
    const group = "consumer-fetch-manager-metrics";
    const list = new MetricList(group, tags, nowMs, into);
    this.#all.list(list, nowMs);
    list.countMeter("fetch", latency);
    list.averageAndMax("fetch-latency", latency);
    list.averageAndMax("fetch-throttle-time", throttleTime);
    list.value("records-lag-max", this.#lag.max(nowMs));
    list.value("records-lead-min", this.#lead.min(nowMs));
    for (const [topic, amounts] of this.#topics) {
      amounts.list(new MetricList(group, { ...tags, topic }, nowMs, into), nowMs);
    }
    this.#dropUnassigned(subscription);
    for (const [state, meters] of this.#partitions) {
      const { topic, partition, preferredReplica } = state;
      const own = new MetricList(group, { ...tags, topic, partition: String(partition) }, nowMs, into);
      own.value("records-lag", meters.lastLag);
      own.averageAndMax("records-lag", meters.lag);
      own.value("records-lead", meters.lastLead);
      own.value("records-lead-avg", meters.lead.average(nowMs));
      own.value("records-lead-min", meters.lead.min(nowMs));
      own.value("preferred-read-replica", String(preferredReplica?.nodeId ?? -1));
    }
  }

  #topic(name: string): Amounts | null {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    if (this.#topics.size >= METRIC_TOPICS_MAX) return null;
    const amounts = new Amounts(this.#connections);
    this.#topics.set(name, amounts);
    return amounts;
  }

  #partition(state: PartitionState, subscription: Subscription): PartitionMeters | null {
    this.#dropUnassigned(subscription);
    const known = this.#partitions.get(state);
    if (known !== undefined) return known;
    if (this.#partitions.size >= METRIC_PARTITIONS_MAX) return null;
    const { windows } = this.#connections;
    const meters: PartitionMeters = {
      lag: new WindowedValues(windows),
      lead: new WindowedValues(windows),
      lastLag: Number.NaN,
      lastLead: Number.NaN,
    };
    this.#partitions.set(state, meters);
    return meters;
  }

  #dropUnassigned(subscription: Subscription): void {
    if (this.#assignmentVersion === subscription.assignmentVersion) return;
    this.#assignmentVersion = subscription.assignmentVersion;
    for (const state of this.#partitions.keys()) {
      if (!subscription.has(state)) this.#partitions.delete(state);
    }
  }
}
