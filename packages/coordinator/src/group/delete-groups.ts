// DeleteGroups: groups without members, with all their offsets.
import {
  type DeleteGroupsResponse,
  type ErrorSpec,
  errors,
  makeDeleteGroupsResponseDeletableGroupResult,
} from "@ottla/protocol";
import { dropLiveGroup, findClassicGroup } from "../classic/live-groups.ts";
import { allOffsetTombstones } from "../offsets/tombstones.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import type { GroupDecision } from "./group-decision.ts";
import type { GroupRecord } from "./group-record.ts";
import type { GroupServices } from "./group-services.ts";

/**
 * The decision about one group. So many offsets that they need several batches go first, the group's record
 * last.
 */
export function decideDeleteGroup(
  services: GroupServices,
  groupId: string,
  now: DecisionTime,
): GroupDecision<DeleteGroupsResponse.DeletableGroupResult> {
  const group = findClassicGroup(services, groupId, now);
  if (group === null) return refusal(groupId, errors.GROUP_ID_NOT_FOUND);
  if (group.state !== "Empty") return refusal(groupId, errors.NON_EMPTY_GROUP);
  const tombstones = allOffsetTombstones(services, groupId);
  services.metrics.offsetDeletions += tombstones.length;
  dropLiveGroup(services, groupId, now);
  const records: GroupRecord[] = [...tombstones, { kind: "group-metadata", groupId, value: null }];
  const reply = makeDeleteGroupsResponseDeletableGroupResult({ groupId });
  return { records, reply, atomic: false };
}

function refusal(
  groupId: string,
  { code: errorCode }: ErrorSpec,
): GroupDecision<DeleteGroupsResponse.DeletableGroupResult> {
  const reply = makeDeleteGroupsResponseDeletableGroupResult({ groupId, errorCode });
  return { records: [], reply, atomic: true };
}
