// The options of kafka-consumer-groups and which of them go together: Kafka's names, rules and texts.
import type { GivenOptions } from "../../options/given-options.ts";
import { flag, valued } from "../../options/option.ts";
import { UsageError } from "../../options/option-error.ts";
import { OptionTable } from "../../options/option-table.ts";
import type { ToolHost } from "../../options/tool-host.ts";

const actions = ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"] as const;

/** What kafka-consumer-groups is asked to do. */
export type ConsumerGroupsAction = (typeof actions)[number];

/** Where offsets can be set to. */
const scenarios = [
  "from-file",
  "shift-by",
  "to-offset",
  "to-earliest",
  "to-current",
  "to-latest",
  "by-duration",
  "to-datetime",
] as const;

const WITHOUT_EXECUTE =
  "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will " +
  "require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you " +
  "are scripting this command and want to keep the current default behavior without prompting.";

export const consumerGroupsTable: OptionTable = new OptionTable([
  valued(
    "bootstrap-server",
    "server to connect to",
    "REQUIRED but for --validate-regex: the Kafka servers to connect to.",
  ),
  valued("group", "consumer group", "The group to act on; may be repeated."),
  valued(
    "topic",
    "topic",
    "The topic whose offsets are meant; may be repeated. `topic1:0,1,2` names partitions where offsets are reset or " +
      "deleted.",
  ),
  flag("all-topics", "Every topic for which the group has offsets; with --reset-offsets."),
  flag("list", "List consumer groups."),
  flag("describe", "Show groups and how far behind they are."),
  flag("all-groups", "Every consumer group."),
  flag("delete", "Delete groups with all their offsets."),
  {
    ...valued("timeout", "timeout (ms)", "How long to wait, for example while a group finds its members."),
    type: "Long",
    default: "30000",
  },
  valued("command-config", "command config property file", "Properties file with settings of the clients."),
  flag(
    "reset-offsets",
    "Set the offsets of a group that has no active members. Say what for (--all-topics, --topic or --from-file), " +
      `where to (--${scenarios.join(", --")}), and whether to do it (--execute), show it (--dry-run) or print it as ` +
      "CSV (--export).",
  ),
  flag("delete-offsets", "Delete the offsets of a group for some topics."),
  flag("dry-run", "Only show what --reset-offsets would do."),
  flag("execute", "Do what --reset-offsets says."),
  flag("export", "Print what --reset-offsets would do as CSV."),
  { ...valued("to-offset", "offset", "Set offsets to this one."), type: "Long" },
  valued("from-file", "path to CSV file", "Set offsets to those in a CSV file."),
  valued("to-datetime", "datetime", "Set offsets to those of a time: 'YYYY-MM-DDThh:mm:ss.sss'."),
  valued("by-duration", "duration", "Set offsets to those of this long ago: 'PnDTnHnMnS'."),
  flag("to-earliest", "Set offsets to the earliest."),
  flag("to-latest", "Set offsets to the latest."),
  flag("to-current", "Set offsets to where they are."),
  {
    ...valued("shift-by", "number-of-offsets", "Move offsets by this many, back if negative."),
    type: "Long",
  },
  flag("members", "With --describe: the members of the group."),
  flag("verbose", "With --describe: more columns."),
  flag("offsets", "With --describe, and without anything else: offsets and lag of each partition."),
  {
    name: "state",
    argument: "optional",
    meaning:
      "With --describe: the state of the group. With --list: the state of each, or only those in these states.",
  },
  {
    name: "type",
    argument: "optional",
    meaning: "With --list: the type of each group, or only those of these types.",
  },
  valued("validate-regex", "regex", "Tell whether a regular expression can be subscribed to."),
]);

/** The action, once the options are found to fit it. Throws `UsageError`. */
export function consumerGroupsActionOf(given: GivenOptions, host: ToolHost): ConsumerGroupsAction {
  if (!given.has("validate-regex")) given.require("bootstrap-server");
  if (given.has("describe")) checkDescribe(given);
  if (given.has("delete")) {
    requireGroups(given, "delete");
    if (given.has("topic")) {
      throw new UsageError(
        "The consumer does not support topic-specific offset deletion from a consumer group.",
      );
    }
  }
  if (given.has("delete-offsets") && !(given.has("group") && given.has("topic"))) {
    throw new UsageError("Option [delete-offsets] takes the following options: [topic], [group]");
  }
  if (given.has("reset-offsets")) checkReset(given, host);
  given.forbid("group", ["all-groups", "list"]);
  given.forbid("all-groups", ["group"]);
  given.forbid("topic", ["list", "describe"]);
  const asked = actions.filter((action) => given.has(action));
  const [action] = asked;
  if (action === undefined || asked.length > 1) {
    const choices = actions.map((choice) => `--${choice}`).join(", ");
    throw new UsageError(`Command must include exactly one action: ${choices}`);
  }
  return action;
}

function requireGroups(given: GivenOptions, action: ConsumerGroupsAction): void {
  if (given.has("group") || given.has("all-groups")) return;
  throw new UsageError(`Option [${action}] takes one of these options: [group], [all-groups]`);
}

function checkDescribe(given: GivenOptions): void {
  requireGroups(given, "describe");
  if (["members", "offsets", "state"].filter((option) => given.has(option)).length > 1) {
    throw new UsageError(
      "Option [describe] takes at most one of these options: [members], [offsets], [state]",
    );
  }
  if (given.value("state") !== null)
    throw new UsageError("Option [describe] does not take a value for [state]");
}

function checkReset(given: GivenOptions, host: ToolHost): void {
  if (given.has("dry-run") && given.has("execute")) {
    throw new UsageError("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
  }
  if (!given.has("dry-run") && !given.has("execute")) host.err(`${WITHOUT_EXECUTE}\n`);
  requireGroups(given, "reset-offsets");
  for (const scenario of [...scenarios].toSorted()) {
    given.forbid(
      scenario,
      scenarios.filter((other) => other !== scenario),
    );
  }
}

/** The error of a reset that does not say where to. */
export function missingScenario(): UsageError {
  const choices = scenarios.map((scenario) => `[${scenario}]`).join(", ");
  return new UsageError(`Option '[reset-offsets]' requires one of the following scenarios: [${choices}]`);
}
