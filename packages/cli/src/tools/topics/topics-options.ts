// The options of kafka-topics and which of them go together: Kafka's names, placeholders and rules.
import { TOPIC_CONFIGS } from "@ottla/config";
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument } from "../../options/java-exception.ts";
import { flag, valued } from "../../options/option.ts";
import { UsageError } from "../../options/option-error.ts";
import { OptionTable } from "../../options/option-table.ts";

const USE_CONFIGS_TOOL = "(To alter topic configurations, the kafka-configs tool can be used.)";

const actions = ["create", "list", "alter", "describe", "delete"] as const;
const reports = [
  "under-replicated-partitions",
  "under-min-isr-partitions",
  "at-min-isr-partitions",
  "unavailable-partitions",
] as const;

/** What kafka-topics is asked to do. */
export type TopicsAction = (typeof actions)[number];

export const topicsTable: OptionTable = new OptionTable([
  valued("bootstrap-server", "server to connect to", "REQUIRED: the Kafka server to connect to."),
  valued("command-config", "command config property file", "Properties file with settings of the client."),
  flag("list", "List all topics there are."),
  flag("create", "Create a topic."),
  flag("delete", "Delete topics."),
  flag("alter", `Add partitions to topics, and place their replicas. ${USE_CONFIGS_TOOL}`),
  flag("describe", "Show topics and their partitions."),
  valued(
    "topic",
    "topic",
    "The topic to create, alter, describe or delete. A regular expression but for --create.",
  ),
  valued("topic-id", "topic-id", "The id of the topic to describe."),
  valued(
    "config",
    "name=value",
    `A setting of the topic that is created; may be repeated. Settings are:\n${[...TOPIC_CONFIGS.keys()]
      .toSorted()
      .map((name) => `\t${name}`)
      .join("\n")}\nOnly together with --create. ${USE_CONFIGS_TOOL}`,
  ),
  valued("delete-config", "name", "Has had no effect since 4.0."),
  {
    ...valued(
      "partitions",
      "# of partitions",
      "How many partitions the topic is to have. With --create the cluster's default when left out. " +
        "(WARNING: more partitions change which partition a key goes to.)",
    ),
    type: "Integer",
  },
  {
    ...valued(
      "replication-factor",
      "replication factor",
      "How many replicas each partition of a new topic gets. The cluster's default when left out.",
    ),
    type: "Integer",
  },
  valued(
    "replica-assignment",
    "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : " +
      "broker_id_for_part2_replica2 , ...",
    "On which brokers the replicas of each partition lie.",
  ),
  flag("under-replicated-partitions", "With --describe: only partitions whose replicas are not all in sync."),
  flag("unavailable-partitions", "With --describe: only partitions whose leader cannot be reached."),
  flag(
    "under-min-isr-partitions",
    "With --describe: only partitions with fewer in-sync replicas than required.",
  ),
  flag(
    "at-min-isr-partitions",
    "With --describe: only partitions with just as many in-sync replicas as required.",
  ),
  flag("topics-with-overrides", "With --describe: only topics that have settings of their own."),
  flag("if-exists", "With --alter, --delete or --describe: do nothing when there is no such topic."),
  flag("if-not-exists", "With --create: do nothing when the topic is there already."),
  flag("exclude-internal", "With --list or --describe: leave internal topics out."),
  {
    ...valued(
      "partition-size-limit-per-response",
      "maximum number of partitions per response",
      "How many partitions one answer to the request for descriptions may hold.",
    ),
    type: "Integer",
  },
]);

/** The action, once the options are found to fit it. Throws `UsageError`, or what Kafka throws. */
export function topicsActionOf(given: GivenOptions): TopicsAction {
  const asked = actions.filter((action) => given.has(action));
  const [action] = asked;
  if (action === undefined || asked.length > 1) {
    throw new UsageError(
      "Command must include exactly one action: --list, --describe, --create, --alter or --delete",
    );
  }
  if (!given.has("bootstrap-server")) throw illegalArgument("--bootstrap-server must be specified");
  if (action === "describe" && given.has("if-exists") && !given.has("topic") && !given.has("topic-id")) {
    throw new UsageError("--topic or --topic-id is required to describe a topic");
  }
  if (action !== "list" && action !== "describe") given.require("topic");
  if (action === "alter") {
    if (given.has("config")) {
      throw new UsageError(
        'Option combination "[[config], [bootstrap-server]]" can\'t be used with option "[alter]" ' +
          USE_CONFIGS_TOOL,
      );
    }
    given.require("partitions");
  }
  checkCombinations(given);
  return action;
}

function checkCombinations(given: GivenOptions): void {
  const allow = (name: string, ...allowed: readonly TopicsAction[]): void =>
    given.forbid(
      name,
      actions.filter((action) => !allowed.includes(action)),
    );
  allow("config", "alter", "create");
  allow("delete-config", "alter");
  given.forbid("delete-config", ["bootstrap-server"]);
  allow("partitions", "alter", "create");
  allow("replication-factor", "create");
  allow("replica-assignment", "alter", "create");
  if (given.has("create")) given.forbid("replica-assignment", ["partitions", "replication-factor"]);
  for (const report of reports) {
    allow(report, "describe");
    given.forbid(report, [...reports.filter((other) => other !== report), "topics-with-overrides"]);
  }
  allow("topics-with-overrides", "describe");
  allow("if-exists", "alter", "delete", "describe");
  allow("if-not-exists", "create");
  allow("exclude-internal", "list", "describe");
}
