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
import { foreignTombstones } from "./foreign-groups.ts";
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
  const durable = services.table.durable.get(groupId);
  // A share group has state in another topic, too, which stays out of reach.
  if (durable === undefined || durable.type === "Share") return refusal(groupId, errors.GROUP_ID_NOT_FOUND);
  const group = findClassicGroup(services, groupId, now);
  if (group !== null && group.state !== "Empty") return refusal(groupId, errors.NON_EMPTY_GROUP);
  const tombstones = allOffsetTombstones(services, groupId);
  services.metrics.offsetDeletions += tombstones.length;
  dropLiveGroup(services, groupId, now);
  const own: GroupRecord[] =
    group === null ? foreignTombstones(groupId, durable) : [{ kind: "group-metadata", groupId, value: null }];
  const records = [...tombstones, ...own];
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
