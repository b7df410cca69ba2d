// The kafka-groups command: every group of every kind.
import type { GroupListing } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument } from "../../options/java-exception.ts";
import { groupTypeName } from "../../options/kafka-words/group-type.ts";
import { flag, valued } from "../../options/option.ts";
import { UsageError } from "../../options/option-error.ts";
import { OptionTable } from "../../options/option-table.ts";
import { optionTool } from "../../options/option-tool.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";

const groupTypes = ["classic", "consumer", "share", "streams"] as const;
const COLUMN = 20;

const table: OptionTable = new OptionTable([
  {
    ...valued("bootstrap-server", "server to connect to", "REQUIRED: the Kafka server to connect to."),
    isRequired: true,
  },
  valued("command-config", "command config property file", "Properties file with settings of the client."),
  flag("list", "List the groups."),
  valued("group-type", "type", "Only groups of this type: classic, consumer, share or streams."),
  valued("protocol", "protocol", "Only groups with this type of protocol."),
  flag(
    "consumer",
    "Only groups of consumers: of type consumer, and of type classic where the protocol is consumer or none.",
  ),
  flag("share", "Only share groups."),
  flag("streams", "Only groups of Kafka Streams."),
]);

export const groupsTool: Tool = optionTool({
  about: "This tool helps to list groups of all types.",
  table,
  optionErrors: "usage",
  async run(given, host) {
    checkOptions(given);
    const filter = groupFilter(given);
    const settings = {
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    };
    const admin = await openAdmin(host, settings);
    try {
      const groups = (await admin.listGroups({})).filter(filter);
      const width = Math.max(COLUMN, ...groups.map(({ groupId }) => groupId.length));
      const line = (...[id, type, protocol]: readonly [string, string, string]): string =>
        `${id.padEnd(width)} ${type.padEnd(COLUMN)} ${protocol.padEnd(COLUMN)}`;
      host.out(`${line("GROUP", "TYPE", "PROTOCOL")}\n`);
      for (const { groupId, type, protocolType } of groups) {
        // Rows, not the heading, end in a blank, as in Kafka.
        host.out(`${line(groupId, groupTypeName(type), protocolType)} \n`);
      }
      return 0;
    } finally {
      await admin.close();
    }
  },
});

function checkOptions(given: GivenOptions): void {
  if (!given.has("list")) throw new UsageError("Command must include exactly one action: --list.");
  given.forbid("consumer", ["group-type", "protocol", "share", "streams"]);
  given.forbid("share", ["consumer", "group-type", "protocol", "streams"]);
  given.forbid("streams", ["consumer", "group-type", "protocol", "share"]);
  given.forbid("group-type", ["consumer", "share", "streams"]);
  given.forbid("protocol", ["consumer", "share", "streams"]);
}

function groupFilter(given: GivenOptions): (group: GroupListing) => boolean {
  if (given.has("consumer")) return isOfConsumers;
  const asked = given.value("group-type")?.toLowerCase() ?? null;
  const type = given.has("share") ? "share" : given.has("streams") ? "streams" : asked;
  if (type !== null && !groupTypes.some((known) => known === type)) {
    throw illegalArgument("--group-type must be a valid group type.");
  }
  const protocol = given.value("protocol");
  return (group) =>
    (type === null || group.type.toLowerCase() === type) &&
    (protocol === null || group.protocolType === protocol);
}

function isOfConsumers({ type, protocolType }: GroupListing): boolean {
  const kind = type.toLowerCase();
  return kind === "consumer" || (kind === "classic" && (protocolType === "consumer" || protocolType === ""));
}
