// Refusing bad settings of consumer, share and streams groups before they become metadata, in Kafka's words.
// What a group may have is bounded by settings of the brokers, and a member must beat faster than its session
// times out. Judged is what the group would have afterwards. Pure. Not here: which error code carries the
// text (the controller).
import { GROUP_CONFIGS } from "../definitions/config-tables.ts";
import { parseConfigValue } from "../definitions/parse-value.ts";

const MEMBER_KINDS = ["consumer", "share", "streams"] as const;

/** In the order in which Kafka reads them: of several malformed values it names the first. */
const READ_IN_ORDER: readonly string[] = [
  "consumer.session.timeout.ms",
  "consumer.heartbeat.interval.ms",
  "consumer.assignment.interval.ms",
  "share.session.timeout.ms",
  "share.heartbeat.interval.ms",
  "share.record.lock.duration.ms",
  "share.delivery.count.limit",
  "share.partition.max.record.locks",
  "share.auto.offset.reset",
  "share.isolation.level",
  "share.renew.acknowledge.enable",
  "share.assignment.interval.ms",
  "streams.session.timeout.ms",
  "streams.heartbeat.interval.ms",
  "streams.num.standby.replicas",
  "streams.initial.rebalance.delay.ms",
  "streams.assignment.interval.ms",
];

/** What brokers bound by `group.KIND.min.NAME` and `group.KIND.max.NAME`, in the order of Kafka's checks. */
const BOUNDED: Readonly<Record<(typeof MEMBER_KINDS)[number], readonly string[]>> = {
  consumer: ["heartbeat.interval.ms", "session.timeout.ms", "assignment.interval.ms"],
  share: [
    "heartbeat.interval.ms",
    "session.timeout.ms",
    "record.lock.duration.ms",
    "delivery.count.limit",
    "partition.max.record.locks",
    "assignment.interval.ms",
  ],
  streams: ["heartbeat.interval.ms", "session.timeout.ms", "num.standby.replicas", "assignment.interval.ms"],
};

/** The one bound with a name of its own. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["group.streams.max.num.standby.replicas", "group.streams.max.standby.replicas"],
]);

/** What a group's settings are judged against. */
export interface GroupValidationContext {
  /** Canonical texts of the broker's settings. */
  readonly brokerSettings: ReadonlyMap<string, string | null>;
}

/** All settings a group would have. Kafka's text for the first thing wrong, undefined when all is well. */
export function validateGroupConfigs(
  overrides: ReadonlyMap<string, string>,
  { brokerSettings }: GroupValidationContext,
): string | undefined {
  const unknown = [...overrides.keys()].find((name) => !GROUP_CONFIGS.has(name));
  if (unknown !== undefined) return `Unknown group config name: ${unknown}`;
  const texts = new Map<string, string>();
  for (const name of READ_IN_ORDER) {
    const def = GROUP_CONFIGS.get(name);
    const written = overrides.get(name);
    if (def === undefined || written === undefined) continue;
    const parsed = parseConfigValue(def, written);
    if (!parsed.ok) return parsed.message;
    texts.set(name, parsed.text);
  }
  return boundsProblem(texts, brokerSettings) ?? sessionProblem(texts, brokerSettings);
}

type Texts = ReadonlyMap<string, string | null>;

function boundsProblem(texts: ReadonlyMap<string, string>, brokerSettings: Texts): string | undefined {
  for (const kind of MEMBER_KINDS) {
    for (const rest of BOUNDED[kind]) {
      const name = `${kind}.${rest}`;
      const text = texts.get(name);
      if (text === undefined) continue;
      const low = boundOf(`group.${kind}.min.${rest}`, brokerSettings);
      if (low.value !== null && Number(text) < low.value)
        return `${name} must be greater than or equal to ${low.name}`;
      const high = boundOf(`group.${kind}.max.${rest}`, brokerSettings);
      if (high.value !== null && Number(text) > high.value)
        return `${name} must be less than or equal to ${high.name}`;
    }
  }
  return undefined;
}

function boundOf(setting: string, brokerSettings: Texts): { name: string; value: number | null } {
  const name = OTHER_NAMES.get(setting) ?? setting;
  const text = brokerSettings.get(name) ?? null;
  return { name, value: text === null ? null : Number(text) };
}

/** Looked at last, of groups whose single settings are all within their bounds. */
function sessionProblem(texts: ReadonlyMap<string, string>, brokerSettings: Texts): string | undefined {
  for (const kind of MEMBER_KINDS) {
    const [session, beat] = [`${kind}.session.timeout.ms`, `${kind}.heartbeat.interval.ms`];
    const effective = (name: string): number =>
      Number(texts.get(name) ?? brokerSettings.get(`group.${name}`) ?? GROUP_CONFIGS.get(name)?.default);
    if (effective(session) <= effective(beat)) return `${session} must be greater than ${beat}`;
  }
  return undefined;
}
