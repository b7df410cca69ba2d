// Rules between broker settings, apart from listeners (identity.ts): Kafka's, in its words.
// Pure; every broken rule is reported, so that one start tells all of them.
import type { ConfigReader } from "../definitions/config-reader.ts";

/** A broken rule; `key` is the setting to look at first. */
export interface RuleViolation {
  readonly key: string;
  readonly message: string;
}

/** `low` must not exceed `high`; `about` is the one Kafka names first. */
interface OrderRule {
  readonly low: string;
  readonly high: string;
  readonly about: "low" | "high";
  readonly strict?: true;
}

/** none, gzip, snappy, lz4, zstd. */
const COMPRESSION_ID_MAX = 4;

const MEMBER_KINDS = ["consumer", "share", "streams"] as const;
const MEMBER_TIMES = ["session.timeout.ms", "heartbeat.interval.ms", "assignment.interval.ms"] as const;

const ORDER_RULES: readonly OrderRule[] = [
  ...MEMBER_KINDS.flatMap((kind) => [
    ...MEMBER_TIMES.flatMap((time): OrderRule[] => [
      { low: `group.${kind}.min.${time}`, high: `group.${kind}.max.${time}`, about: "high" },
      { low: `group.${kind}.min.${time}`, high: `group.${kind}.${time}`, about: "high" },
      { low: `group.${kind}.${time}`, high: `group.${kind}.max.${time}`, about: "low" },
    ]),
    {
      low: `group.${kind}.heartbeat.interval.ms`,
      high: `group.${kind}.session.timeout.ms`,
      about: "low",
      strict: true,
    } satisfies OrderRule,
  ]),
  ...["record.lock.duration.ms", "delivery.count.limit", "partition.max.record.locks"].flatMap(
    (name): OrderRule[] => [
      { low: `group.share.min.${name}`, high: `group.share.${name}`, about: "high" },
      { low: `group.share.${name}`, high: `group.share.max.${name}`, about: "high" },
    ],
  ),
  { low: "group.share.max.size", high: "group.share.max.share.sessions", about: "high" },
  { low: "group.streams.num.standby.replicas", high: "group.streams.max.standby.replicas", about: "low" },
];

/** Every rule that does not hold. */
export function checkBrokerRules(read: ConfigReader): readonly RuleViolation[] {
  return [
    ...ORDER_RULES.flatMap((rule) => orderViolation(read, rule)),
    ...logViolations(read),
    ...replicaViolations(read),
    ...connectionViolations(read),
    ...groupViolations(read),
  ];
}

function orderViolation(read: ConfigReader, { low, high, about, strict }: OrderRule): RuleViolation[] {
  const [lowValue, highValue] = [read.number(low), read.number(high)];
  if (strict ? lowValue < highValue : lowValue <= highValue) return [];
  if (strict) return [{ key: low, message: `${low} must be less than ${high}` }];
  return about === "high"
    ? [{ key: high, message: `${high} must be greater than or equal to ${low}` }]
    : [{ key: low, message: `${low} must be less than or equal to ${high}` }];
}

function violationUnless(holds: boolean, key: string, message: string): RuleViolation[] {
  return holds ? [] : [{ key, message }];
}

function logViolations(read: ConfigReader): RuleViolation[] {
  const rollMs = read.optionalNumber("log.roll.ms");
  const jitterMs = read.optionalNumber("log.roll.jitter.ms");
  const cleanerThreads = read.number("log.cleaner.threads");
  const dedupePerThread = read.number("log.cleaner.dedupe.buffer.size") / Math.max(1, cleanerThreads);
  const dirs = read.list(read.optional("log.dirs") === null ? "log.dir" : "log.dirs");
  const cordoned = read.list("cordoned.log.dirs");
  const isAllAmongOthers = cordoned.includes("*") && cordoned.some((dir) => dir !== "*");
  const missing = cordoned.includes("*") ? [] : cordoned.filter((dir) => !dirs.includes(dir));
  return [
    ...violationUnless(
      rollMs === null || rollMs >= 1,
      "log.roll.ms",
      "log.roll.ms must be greater than or equal to 1",
    ),
    ...violationUnless(
      jitterMs === null || jitterMs >= 0,
      "log.roll.jitter.ms",
      "log.roll.jitter.ms must be greater than or equal to 0",
    ),
    ...retentionViolation(read),
    ...violationUnless(
      dedupePerThread > 1024 * 1024,
      "log.cleaner.dedupe.buffer.size",
      "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.",
    ),
    ...violationUnless(
      !isAllAmongOthers,
      "cordoned.log.dirs",
      "When cordoned.log.dirs is set to *, it must not contain other values",
    ),
    ...violationUnless(
      missing.length === 0,
      "cordoned.log.dirs",
      `All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : ${missing.join(", ")}`,
    ),
  ];
}

function retentionViolation(read: ConfigReader): RuleViolation[] {
  const keys = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
  const key = keys.find((name) => read.optional(name) !== null) ?? "log.retention.hours";
  return violationUnless(
    read.number(key) !== 0,
    key,
    "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
  );
}

function replicaViolations(read: ConfigReader): RuleViolation[] {
  const waitMs = read.number("replica.fetch.wait.max.ms");
  return [
    ...violationUnless(
      waitMs <= read.number("replica.socket.timeout.ms"),
      "replica.socket.timeout.ms",
      "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts",
    ),
    ...violationUnless(
      waitMs <= read.number("replica.lag.time.max.ms"),
      "replica.fetch.wait.max.ms",
      "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR",
    ),
  ];
}

function connectionViolations(read: ConfigReader): RuleViolation[] {
  const queuedBytes = read.number("queued.max.request.bytes");
  return [
    ...violationUnless(
      queuedBytes <= 0 || queuedBytes >= read.number("socket.request.max.bytes"),
      "queued.max.request.bytes",
      "queued.max.request.bytes must be larger or equal to socket.request.max.bytes",
    ),
    ...violationUnless(
      read.number("max.connections.per.ip") > 0 || read.text("max.connections.per.ip.overrides") !== "",
      "max.connections.per.ip",
      "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.",
    ),
  ];
}

function groupViolations(read: ConfigReader): RuleViolation[] {
  const assignors = read.list("group.consumer.assignors");
  const strange = assignors.find((name) => !/^(uniform|range|org\.apache\.kafka\..+)$/.test(name));
  const codec = read.number("offsets.topic.compression.codec");
  return [
    ...violationUnless(
      read.list("group.coordinator.rebalance.protocols").includes("classic"),
      "group.coordinator.rebalance.protocols",
      "Disabling the 'classic' protocol is not supported.",
    ),
    ...violationUnless(strange === undefined, "group.consumer.assignors", `Class ${strange} cannot be found`),
    ...violationUnless(
      codec >= 0 && codec <= COMPRESSION_ID_MAX,
      "offsets.topic.compression.codec",
      `Unknown compression type id: ${codec}`,
    ),
  ];
}
