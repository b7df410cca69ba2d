// The settings Apache Kafka does not have, and the defaults that differ from Kafka's. Nothing else may
// differ. Every row states what it does or why it differs; docs/configs.md is written from here.
import type { BrokerConfigDef, TopicConfigDef } from "./config-def.ts";

const DURABILITY_RULE = { kind: "one-of", values: ["fsync", "page-cache"] } as const;

export const OTTLA_BROKER_CONFIGS: readonly BrokerConfigDef[] = [
  {
    name: "memory.limit",
    type: "long",
    default: "-1",
    rule: { kind: "range", min: -1 },
    importance: "medium",
    update: "read-only",
    meaning:
      "Bytes of memory the process plans for: caches, requests in flight and pools are shares of it. " +
      "-1 lets the broker choose from the machine's memory.",
  },
  {
    name: "ottla.connection.handshake.timeout.ms",
    type: "int",
    default: "10000",
    rule: { kind: "range", min: 1 },
    importance: "low",
    update: "read-only",
    meaning: "TLS and SASL must be finished this long after a connection was accepted, else it is closed.",
  },
  {
    name: "ottla.durability",
    type: "string",
    default: "fsync",
    rule: DURABILITY_RULE,
    importance: "high",
    update: "cluster-wide",
    meaning:
      "fsync: a record counts as stored once fdatasync has returned, so an acknowledged record outlives a power cut. " +
      "page-cache: once the operating system has it, as Apache Kafka does.",
  },
  {
    name: "ottla.log.scrub.bytes.per.second",
    type: "long",
    default: "4194304",
    rule: { kind: "range", min: 0 },
    importance: "low",
    update: "read-only",
    meaning:
      "How fast closed segments are read and checked in the background, one after the other: CRCs, offsets, indexes. " +
      "Damage is logged, counted, and answered with CORRUPT_MESSAGE. 0: they are not.",
  },
  {
    name: "ottla.metrics.listener",
    type: "string",
    default: null,
    importance: "medium",
    update: "read-only",
    meaning: "host:port where /metrics (Prometheus) and /healthz are served over HTTP; none when unset.",
  },
  {
    name: "ottla.request.receive.timeout.ms",
    type: "int",
    default: "30000",
    rule: { kind: "range", min: 1 },
    importance: "low",
    update: "read-only",
    meaning:
      "A request must have arrived whole this long after its first byte, else its connection is closed.",
  },
  {
    name: "ottla.sync.journal.bytes",
    type: "int",
    default: "8388608",
    rule: { kind: "range", min: 0, max: 268435456 },
    importance: "low",
    update: "read-only",
    meaning:
      "Size of the file in each log directory through which small appends to many partitions become durable by one fdatasync; " +
      "made when there is demand. Less than 32768: no such file, every partition is synced by itself.",
  },
];

export const OTTLA_TOPIC_CONFIGS: readonly TopicConfigDef[] = [
  {
    name: "ottla.durability",
    type: "string",
    default: "fsync",
    rule: DURABILITY_RULE,
    importance: "medium",
    serverDefault: "ottla.durability",
    synonyms: [{ name: "ottla.durability", multiplier: 1 }],
    meaning: "As the broker setting of this name, for one topic.",
  },
];

/** A default of a Kafka setting that is not Kafka's. */
export interface ChangedDefault {
  readonly name: string;
  readonly default: string;
  readonly why: string;
}

export const CHANGED_BROKER_DEFAULTS: readonly ChangedDefault[] = [
  {
    name: "max.connections",
    default: "4000",
    why: "A flood of connections must not exhaust memory and files.",
  },
  { name: "max.connections.per.ip", default: "1000", why: "One host must not use up all connections." },
  {
    name: "max.connection.creation.rate",
    default: "500",
    why: "A storm is slowed down, not served at any cost.",
  },
];
