// The record of a classic group: its generation, and of each member what a coordinator needs to go on after a
// restart.
import {
  type GroupMetadataValue,
  makeGroupMetadataValue,
  makeGroupMetadataValueMemberMetadata,
} from "@ottla/protocol";
import type { GroupRecord } from "../group/group-record.ts";
import type { ClassicGroup } from "./classic-group.ts";

/** `assignments` by member id; default: those that the members have. */
export function groupMetadataRecord(
  group: ClassicGroup,
  assignments?: ReadonlyMap<string, Uint8Array>,
): GroupRecord {
  const { protocolName } = group;
  const members: GroupMetadataValue.MemberMetadata[] = [];
  for (const member of group.members.values()) {
    if (protocolName === null) throw new Error(`group ${group.groupId} has members, but no protocol`);
    members.push(
      makeGroupMetadataValueMemberMetadata({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: member.metadata(protocolName),
        assignment: assignments?.get(member.memberId) ?? member.assignment,
      }),
    );
  }
  const value = makeGroupMetadataValue({
    protocolType: group.protocolType ?? "",
    generation: group.generationId,
    protocol: protocolName,
    leader: group.leaderId,
    currentStateTimestamp: BigInt(group.stateTimestampMs ?? -1),
    members,
  });
  return { kind: "group-metadata", groupId: group.groupId, value };
}

/** The record that makes a new group known before it has a generation. */
export function newGroupRecord(group: ClassicGroup): GroupRecord {
  const value = makeGroupMetadataValue({
    protocol: null,
    leader: null,
    currentStateTimestamp: BigInt(group.stateTimestampMs ?? -1),
  });
  return { kind: "group-metadata", groupId: group.groupId, value };
}
