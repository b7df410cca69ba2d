// DescribeGroups: classic groups as they are now, of those that are committed. Version 6 tells a group that
// is not there from a dead one.
import {
  type DescribeGroupsResponse,
  EMPTY_BYTES,
  errors,
  makeDescribeGroupsResponseDescribedGroup,
  makeDescribeGroupsResponseDescribedGroupMember,
} from "@ottla/protocol";
import type { GroupServices } from "../group/group-services.ts";
import type { ClassicGroup } from "./classic-group.ts";

const NOT_FOUND_SINCE = 6;

export function describeGroup(
  { table }: GroupServices,
  groupId: string,
  committedOffset: number,
  apiVersion: number,
): DescribeGroupsResponse.DescribedGroup {
  const durable = table.durable.get(groupId, committedOffset);
  if (durable?.type !== "Classic") {
    const isTold = apiVersion >= NOT_FOUND_SINCE;
    const problem = durable === undefined ? "not found" : "not a classic group";
    return makeDescribeGroupsResponseDescribedGroup({
      groupId,
      groupState: "Dead",
      errorCode: (isTold ? errors.GROUP_ID_NOT_FOUND : errors.NONE).code,
      errorMessage: isTold ? `Group ${groupId} ${durable === undefined ? "" : "is "}${problem}.` : null,
    });
  }
  const group = table.live.get(groupId);
  if (group === undefined) {
    const protocolType = durable.metadata?.protocolType ?? "";
    return makeDescribeGroupsResponseDescribedGroup({ groupId, groupState: "Empty", protocolType });
  }
  return makeDescribeGroupsResponseDescribedGroup({
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? "",
    protocolData: group.state === "Stable" ? (group.protocolName ?? "") : "",
    members: describeMembers(group),
  });
}

/** What members say of themselves is told of a stable group only: before, no protocol is chosen. */
function describeMembers(group: ClassicGroup): DescribeGroupsResponse.DescribedGroupMember[] {
  const protocolName = group.state === "Stable" ? group.protocolName : null;
  return Array.from(group.members.values(), (member) =>
    makeDescribeGroupsResponseDescribedGroupMember({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: protocolName === null ? EMPTY_BYTES : member.metadata(protocolName),
      memberAssignment: member.assignment,
    }),
  );
}
