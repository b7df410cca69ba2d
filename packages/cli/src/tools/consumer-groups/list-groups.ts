// kafka-consumer-groups --list, and what --all-groups means.
import type { Admin, CallOptions, GroupListing } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { groupTypeName } from "../../options/kafka-words/group-type.ts";
import { UsageError } from "../../options/option-error.ts";
import type { ToolHost } from "../../options/tool-host.ts";

const COLUMN = 20;
const GROUP_COLUMN_MIN = 15;
const GROUP_COLUMN_EXTRA = 10;

/** In the order in which Kafka lists them. */
const states = [
  "Assigning",
  "Stable",
  "CompletingRebalance",
  "PreparingRebalance",
  "Empty",
  "Reconciling",
  "Dead",
];
const types = ["Consumer", "Classic"];

/** Ids of every group of consumers, also those with offsets alone. */
export async function consumerGroupIds(admin: Admin, options: CallOptions): Promise<readonly string[]> {
  return (await consumerGroups(admin, [], [], options)).map(({ groupId }) => groupId);
}

async function consumerGroups(
  admin: Admin,
  wantedStates: readonly string[],
  wantedTypes: readonly string[],
  options: CallOptions,
): Promise<readonly GroupListing[]> {
  const groups = await admin.listGroups({
    ...options,
    states: wantedStates,
    types: wantedTypes.length > 0 ? wantedTypes : types,
    protocolTypes: ["", "consumer"],
  });
  return groups;
}

/** Prints the groups. */
export async function listGroups(
  admin: Admin,
  given: GivenOptions,
  options: CallOptions,
  host: ToolHost,
): Promise<void> {
  const [showsState, showsType] = [given.has("state"), given.has("type")];
  const wantedStates = parsedList(given.value("state"), states, "state", "states");
  const wantedTypes = parsedList(given.value("type"), types, "types", "types");
  const groups = await consumerGroups(admin, wantedStates, wantedTypes, options);
  if (!showsState && !showsType) {
    for (const { groupId } of groups) host.out(`${groupId}\n`);
    return;
  }
  const longest = Math.max(GROUP_COLUMN_MIN, ...groups.map(({ groupId }) => groupId.length));
  const row = (group: string, type: string, state: string): string => {
    const cells = [group.padEnd(longest + GROUP_COLUMN_EXTRA)];
    if (showsType) cells.push(type.padEnd(COLUMN));
    if (showsState) cells.push(state.padEnd(COLUMN));
    return `${cells.join(" ")}\n`;
  };
  host.out(row("GROUP", "TYPE", "STATE"));
  for (const { groupId, type, state } of groups) host.out(row(groupId, groupTypeName(type), state));
}

/** Names out of `known`, in any case; none for none. Throws Kafka's texts. */
function parsedList(
  text: string | null,
  known: readonly string[],
  listed: string,
  named: string,
): readonly string[] {
  if (text === null || text === "") return [];
  return text.split(",").map((word) => {
    const wanted = word.trim().toLowerCase().replaceAll("_", "");
    const found = known.find((name) => name.toLowerCase() === wanted);
    if (found !== undefined) return found;
    throw new UsageError(`Invalid ${listed} list '${text}'. Valid ${named} are: ${known.join(", ")}`);
  });
}
