// kafka-consumer-groups --reset-offsets: new offsets of groups, shown or exported, and committed when that is
// asked for. Order of groups is that of Kafka's maps.
import type { Admin, CallOptions } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { executionFailed } from "../../options/java-exception.ts";
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { isUnknownGroup, runtimeFailed } from "./group-errors.ts";
import { type Reset, resetGroup } from "./new-offsets.ts";
import { type ResetLine, resetCsv } from "./reset-file.ts";
import { textTable } from "./text-table.ts";

/** Resets, or shows what a reset would do. */
export async function resetOffsets(
  admin: Admin,
  groupIds: readonly string[],
  given: GivenOptions,
  options: CallOptions,
  host: ToolHost,
): Promise<void> {
  const reset: Reset = { admin, given, groupIds, options, host };
  const groups = await admin.describeConsumerGroups(groupIds, options);
  const lines: ResetLine[] = [];
  for (const groupId of javaNameOrder(groups.keys())) {
    const group = groups.get(groupId);
    if (group instanceof Error && !isUnknownGroup(group)) throw runtimeFailed(executionFailed(group));
    if (
      group !== undefined &&
      !(group instanceof Error) &&
      group.state !== "Empty" &&
      group.state !== "Dead"
    ) {
      host.out(
        `\nError: Assignments can only be reset if the group '${groupId}' is inactive, ` +
          `but the current state is ${group.state}.\n`,
      );
      continue;
    }
    for (const { topic, partition, offset } of await resetGroup(reset, groupId)) {
      lines.push({ groupId, topic, partition, offset });
    }
  }
  if (given.has("export")) {
    host.out(`${resetCsv(lines, given.values("group").length !== 1)}\n`);
    return;
  }
  const rows = lines.map(({ groupId, topic, partition, offset }) => [
    groupId,
    topic,
    `${partition}`,
    `${offset}`,
  ]);
  const columns = [
    { heading: "GROUP", widthMin: 15, isElastic: true as const },
    { heading: "TOPIC", widthMin: 15, isElastic: true as const },
    { heading: "PARTITION", widthMin: 10 },
    { heading: "NEW-OFFSET", widthMin: 0 },
  ];
  host.out(groups.size === 0 ? "\n" : textTable(columns, rows));
}
