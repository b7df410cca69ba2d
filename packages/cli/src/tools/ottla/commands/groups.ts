// `ottla groups …`.

import { groupTypeName } from "../../../options/kafka-words/group-type.ts";
import { flag } from "../../../options/option.ts";
import { consumerGroupsTable } from "../../consumer-groups/consumer-groups-options.ts";
import { describedGroup } from "../../consumer-groups/group-errors.ts";
import { resetGroup } from "../../consumer-groups/new-offsets.ts";
import { offsetRows } from "../../consumer-groups/offset-rows.ts";
import type { Command, Operand } from "../command.ts";
import { clusterOptions } from "../command.ts";

const group: Operand = { name: "GROUP", completes: "group" };

/** Options that mean the same as in kafka-consumer-groups. */
const resetOptionNames: ReadonlySet<string> = new Set([
  "topic",
  "all-topics",
  "execute",
  "to-offset",
  "from-file",
  "to-datetime",
  "by-duration",
  "to-earliest",
  "to-latest",
  "to-current",
  "shift-by",
]);

const list: Command = {
  name: "groups list",
  summary: "List groups of every kind.",
  operands: [],
  options: clusterOptions,
  printsData: true,
  async run({ admin, print }) {
    const rows = (await admin().listGroups()).map(({ groupId, type, protocolType, state }) => ({
      group: groupId,
      type: groupTypeName(type),
      protocol: protocolType,
      state,
    }));
    print.rows(
      ["group", "type", "protocol", "state"],
      rows.toSorted((a, b) => (a.group < b.group ? -1 : 1)),
    );
    return 0;
  },
};

const describe: Command = {
  name: "groups describe",
  summary: "Show what a group has read and how far behind it is.",
  operands: [group],
  options: clusterOptions,
  printsData: true,
  async run({ operands, admin, print }) {
    const [groupId = ""] = operands;
    const description = describedGroup(await admin().describeConsumerGroups([groupId]), groupId);
    const rows = (await offsetRows(admin(), description, {})).map((row) => ({
      group: groupId,
      state: description.state,
      topic: row.topic,
      partition: row.partition,
      committed: row.committed,
      end: row.end,
      lag: row.committed === null || row.end === null ? null : row.end - row.committed,
      member: row.member?.memberId ?? null,
      client: row.member?.clientId ?? null,
      host: row.member?.host ?? null,
    }));
    if (!print.isJson) print.object({ group: groupId, state: description.state });
    print.rows(["topic", "partition", "committed", "end", "lag", "client", "host"], rows);
    return 0;
  },
};

const members: Command = {
  name: "groups members",
  summary: "Show the members of a group and what they are assigned.",
  operands: [group],
  options: clusterOptions,
  printsData: true,
  async run({ operands, admin, print }) {
    const [groupId = ""] = operands;
    const description = describedGroup(await admin().describeConsumerGroups([groupId]), groupId);
    const rows = description.members.map((member) => ({
      member: member.memberId,
      client: member.clientId,
      host: member.host,
      partitions: member.assignment.map(({ topic, partition }) => `${topic}-${partition}`),
    }));
    print.rows(["member", "client", "host", "partitions"], rows);
    return 0;
  },
};

const reset: Command = {
  name: "groups reset",
  summary: "Show where a group without active members would go on reading; --execute makes it so.",
  operands: [group],
  options: [
    ...consumerGroupsTable.options.filter(({ name }) => resetOptionNames.has(name)),
    flag("dry-run", "Only show it, as without --execute."),
    ...clusterOptions,
  ],
  printsData: true,
  async run({ given, operands, admin, host, print }) {
    const [groupId = ""] = operands;
    const found = (await admin().describeConsumerGroups([groupId])).get(groupId);
    if (found !== undefined && !(found instanceof Error) && found.members.length > 0) {
      throw new Error(`${groupId} has active members: its offsets cannot be reset now`);
    }
    const offsets = await resetGroup(
      { admin: admin(), given, groupIds: [groupId], options: {}, host },
      groupId,
    );
    print.rows(
      ["topic", "partition", "offset"],
      offsets.map(({ topic, partition, offset }) => ({ group: groupId, topic, partition, offset })),
    );
    if (!given.has("execute")) host.err("Nothing was changed; --execute makes it so.\n");
    return 0;
  },
};

const remove: Command = {
  name: "groups delete",
  summary: "Delete groups with their offsets.",
  operands: [{ ...group, isRepeated: true }],
  options: clusterOptions,
  printsData: true,
  async run({ operands, admin, print }) {
    const deleted = await admin().deleteConsumerGroups(operands);
    const results = [...deleted].map(([groupId, error]) => {
      if (error !== null) throw error;
      return { sentence: `Deleted ${groupId}.`, result: { group: groupId, deleted: true } };
    });
    print.done(results);
    return 0;
  },
};

export const groupCommands: readonly Command[] = [list, describe, members, reset, remove];
