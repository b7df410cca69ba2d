// ListGroups: committed groups of every kind, by state (from version 4) and kind (from version 5).
import {
  type ListGroupsRequest,
  type ListGroupsResponse,
  makeListGroupsResponseListedGroup,
} from "@ottla/protocol";
import type { GroupServices } from "./group-services.ts";

export function listGroups(
  { table }: GroupServices,
  { statesFilter, typesFilter }: ListGroupsRequest,
  committedOffset: number,
): ListGroupsResponse.ListedGroup[] {
  const states = new Set(statesFilter.map((state) => state.trim().toLowerCase()));
  const types = new Set(typesFilter.map((type) => type.toLowerCase()));
  const listed: ListGroupsResponse.ListedGroup[] = [];
  for (const [groupId, durable] of table.durable.entries(committedOffset)) {
    const live = durable.type === "Classic" ? table.live.get(groupId) : undefined;
    // Groups of other kinds have no members here.
    const groupState = live?.state ?? "Empty";
    if (states.size > 0 && !states.has(groupState.toLowerCase())) continue;
    if (types.size > 0 && !types.has(durable.type.toLowerCase())) continue;
    const protocolType =
      durable.type === "Classic"
        ? live === undefined
          ? durable.metadata?.protocolType
          : live.protocolType
        : durable.type.toLowerCase();
    // Kafka writes kinds in lower case, states as they are.
    const groupType = durable.type.toLowerCase();
    const group = { groupId, protocolType: protocolType ?? "", groupState, groupType };
    listed.push(makeListGroupsResponseListedGroup(group));
  }
  return listed;
}
