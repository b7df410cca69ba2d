// The kafka-get-offsets command.
import type { Admin } from "@ottla/client";
import { isInternalTopic } from "@ottla/protocol";
import type { GivenOptions } from "../../options/given-options.ts";
import { errorMessage, illegalArgument } from "../../options/java-exception.ts";
import { optionTool } from "../../options/option-tool.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import { getOffsetsTable, parseTime } from "./get-offsets-options.ts";
import { filterOfRules, filterOfTopic, type PartitionFilter } from "./partition-filter.ts";

export const getOffsetsTool: Tool = optionTool({
  about: "An interactive shell for getting topic-partition offsets.",
  table: getOffsetsTable,
  optionErrors: "occurred",
  async run(given, host) {
    given.require("bootstrap-server");
    const filter = filterOf(given);
    const time = parseTime(given.valueOr("time"));
    const settings = {
      "client.id": "GetOffsetShell",
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    };
    const admin = await openAdmin(host, settings);
    try {
      const partitions = await findPartitions(admin, filter, given.has("exclude-internal-topics"));
      if (partitions.length === 0) {
        throw illegalArgument("Could not match any topic-partitions with the specified filters");
      }
      const offsets = await admin.listOffsets(new Map(partitions.map((partition) => [partition, time])));
      const lines: (readonly [name: string, line: string])[] = [];
      for (const [{ topic, partition }, result] of offsets) {
        const name = `${topic}-${partition}`;
        if (result instanceof Error) {
          const reason = errorMessage(result);
          host.err(`Skip getting offsets for topic-partition ${name} due to error: ${reason}\n`);
        } else if (result.offset >= 0) lines.push([name, `${topic}:${partition}:${result.offset}\n`]);
      }
      // By `topic-partition` as a text, so 10 stands before 2.
      host.out(
        lines
          .toSorted(([left], [right]) => (left < right ? -1 : 1))
          .map(([, line]) => line)
          .join(""),
      );
      return 0;
    } finally {
      await admin.close();
    }
  },
});

function filterOf(given: GivenOptions): PartitionFilter {
  const rules = given.value("topic-partitions");
  if (rules === null) return filterOfTopic(given.value("topic"), given.value("partitions"));
  if (given.has("topic") || given.has("partitions")) {
    throw illegalArgument("--topic-partitions cannot be used with --topic or --partitions");
  }
  return filterOfRules(rules);
}

async function findPartitions(
  admin: Admin,
  filter: PartitionFilter,
  excludesInternal: boolean,
): Promise<readonly { readonly topic: string; readonly partition: number }[]> {
  const listings = await admin.listTopics({ includeInternal: !excludesInternal });
  const names = listings
    .map(({ name }) => name)
    .filter((name) => !(excludesInternal && isInternalTopic(name)));
  const found: { topic: string; partition: number }[] = [];
  for (const [topic, description] of await admin.describeTopics({ names })) {
    // A topic that went away meanwhile is not there.
    if (description instanceof Error) continue;
    for (const { partition } of description.partitions) {
      if (filter(topic, partition)) found.push({ topic, partition });
    }
  }
  return found;
}
