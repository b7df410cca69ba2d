// kafka-consumer-groups --describe: offsets and lag, members, or state of groups.
import type { Admin, CallOptions, GroupDescription, MemberDescription, TopicPartition } from "@ottla/client";
import { JavaException } from "../../options/java-exception.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { describedGroup } from "./group-errors.ts";
import { type OffsetRow, offsetRows } from "./offset-rows.ts";
import { type Column, textTable } from "./text-table.ts";

/** What of each group is told. */
export type DescribedPart = "offsets" | "members" | "state";

const groupColumn: Column = { heading: "GROUP", widthMin: 15, isElastic: true };

/** Prints the groups, sorted by id. */
export async function describeGroups(
  admin: Admin,
  groupIds: readonly string[],
  asked: { readonly part: DescribedPart; readonly verbose: boolean; readonly options: CallOptions },
  host: ToolHost,
): Promise<void> {
  const { part, verbose, options } = asked;
  const found = await admin.describeConsumerGroups(groupIds, options);
  const groups = [...found.keys()].map((id) => describedGroup(found, id));
  for (const group of groups.toSorted((left, right) => (left.groupId < right.groupId ? -1 : 1))) {
    const rows = part === "offsets" ? await offsetRows(admin, group, options) : [];
    if (!tellsState(group, part === "offsets" ? rows.length : 1, host)) continue;
    if (part === "offsets") host.out(offsetsTable(group, rows, verbose));
    else host.out(part === "members" ? membersTable(group, verbose) : stateTable(group, verbose));
  }
}

/** Says on standard error what the state means for what follows; false when nothing follows. */
function tellsState({ groupId, state }: GroupDescription, rowCount: number, host: ToolHost): boolean {
  switch (state) {
    case "Dead":
      host.out(`\nError: Consumer group '${groupId}' does not exist.\n`);
      return false;
    case "Empty":
      host.err(`\nConsumer group '${groupId}' has no active members.\n`);
      break;
    case "PreparingRebalance":
    case "CompletingRebalance":
    case "Assigning":
    case "Reconciling":
      host.err(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`);
      break;
    case "Stable":
      break;
    default:
      throw new JavaException(
        "org.apache.kafka.common.KafkaException",
        `Expected a valid consumer group state, but found '${state}'.`,
      );
  }
  return rowCount > 0;
}

function offsetsTable({ groupId }: GroupDescription, rows: readonly OffsetRow[], verbose: boolean): string {
  const columns: Column[] = [
    groupColumn,
    { heading: "TOPIC", widthMin: 15, isElastic: true },
    { heading: "PARTITION", widthMin: 10 },
    ...(verbose ? [{ heading: "LEADER-EPOCH", widthMin: 15 }] : []),
    { heading: "CURRENT-OFFSET", widthMin: 15 },
    { heading: "LOG-END-OFFSET", widthMin: 15 },
    { heading: "LAG", widthMin: 15 },
    { heading: "CONSUMER-ID", widthMin: 15, isElastic: true },
    { heading: "HOST", widthMin: 15, isElastic: true },
    { heading: "CLIENT-ID", widthMin: 0 },
  ];
  const cells = rows.map((row) => [
    groupId,
    row.topic,
    String(row.partition),
    ...(verbose ? [numberOrDash(row.leaderEpoch)] : []),
    numberOrDash(row.committed),
    numberOrDash(row.end),
    numberOrDash(row.committed === null || row.end === null ? null : row.end - row.committed),
    row.member?.memberId ?? "-",
    row.member?.host ?? "-",
    row.member?.clientId ?? "-",
  ]);
  return textTable(columns, cells);
}

/** The table of `--members`; UPGRADED is there while some have not gone over to the consumer protocol. */
export function membersTable(
  { groupId, type, members }: Pick<GroupDescription, "groupId" | "type" | "members">,
  verbose: boolean,
): string {
  const hasInstances = members.some(({ groupInstanceId }) => groupInstanceId !== null);
  const isMigrating = verbose && type === "Consumer" && members.some(({ isClassic }) => isClassic === true);
  const columns: Column[] = [
    groupColumn,
    { heading: "CONSUMER-ID", widthMin: 15, isElastic: true },
    ...(hasInstances ? [{ heading: "GROUP-INSTANCE-ID", widthMin: 17, isElastic: true as const }] : []),
    { heading: "HOST", widthMin: 15, isElastic: true },
    { heading: "CLIENT-ID", widthMin: 15, isElastic: true },
    { heading: "#PARTITIONS", widthMin: 15 },
  ];
  if (verbose) {
    columns.push(
      { heading: "CURRENT-EPOCH", widthMin: 15 },
      { heading: "CURRENT-ASSIGNMENT", widthMin: 20, isElastic: true },
      { heading: "TARGET-EPOCH", widthMin: 15 },
      { heading: "TARGET-ASSIGNMENT", widthMin: 20, isElastic: true },
    );
  }
  if (isMigrating) columns.push({ heading: "UPGRADED", widthMin: 0 });
  const cells = members.map((member) => [
    groupId,
    member.memberId,
    ...(hasInstances ? [member.groupInstanceId ?? ""] : []),
    member.host,
    member.clientId,
    String(member.assignment.length),
    ...(verbose ? assignmentCells(member) : []),
    ...(isMigrating ? [member.isClassic === null ? "" : String(!member.isClassic)] : []),
  ]);
  return textTable(columns, cells, verbose ? "" : " ");
}

function assignmentCells(member: MemberDescription): readonly string[] {
  const epoch = numberOrDash(member.memberEpoch);
  const target = member.targetAssignment;
  return [
    epoch,
    assignmentText(member.assignment),
    target === null ? "-" : epoch,
    target === null ? "-" : assignmentText(target),
  ];
}

/** `a:0,1;b:0`. */
function assignmentText(partitions: readonly TopicPartition[]): string {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions)
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  if (byTopic.size === 0) return "-";
  return [...byTopic]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([topic, numbers]) => `${topic}:${numbers.toSorted((a, b) => a - b).join(",")}`)
    .join(";");
}

function stateTable(group: GroupDescription, verbose: boolean): string {
  const { coordinator } = group;
  const columns: Column[] = [
    groupColumn,
    { heading: "COORDINATOR (ID)", widthMin: 25, isElastic: true },
    { heading: "ASSIGNMENT-STRATEGY", widthMin: 20, isElastic: true },
    { heading: "STATE", widthMin: 20 },
    ...(verbose
      ? [
          { heading: "GROUP-EPOCH", widthMin: 15 },
          { heading: "TARGET-ASSIGNMENT-EPOCH", widthMin: 25 },
        ]
      : []),
    { heading: "#MEMBERS", widthMin: 0 },
  ];
  const row = [
    group.groupId,
    `${coordinator.host}:${coordinator.port}  (${coordinator.id})`,
    group.assignor === "" ? "-" : group.assignor,
    group.state,
    ...(verbose ? [numberOrDash(group.groupEpoch), numberOrDash(group.targetAssignmentEpoch)] : []),
    String(group.members.length),
  ];
  return textTable(columns, [row]);
}

function numberOrDash(value: number | null): string {
  return value === null ? "-" : String(value);
}
