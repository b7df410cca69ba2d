// Soft state of classic groups on demand: a new group, or one made of what the log remembers.
import { NOTHING } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { ShardTimer } from "../runtime/coordinator-shard.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import { ClassicGroup, type GroupTimers } from "./classic-group.ts";
import { ClassicMember, type ClassicMemberFields } from "./classic-member.ts";
import {
  joinTimerDue,
  pendingJoinTimerDue,
  renewSession,
  sessionTimerDue,
  syncTimerDue,
} from "./rebalance.ts";
import { subscribedTopicsOf } from "./subscribed-topics.ts";

/** The classic group with this id; null when there is none, or a group of another kind. */
export function findClassicGroup(
  services: GroupServices,
  groupId: string,
  now: DecisionTime,
): ClassicGroup | null {
  const live = services.table.live.get(groupId);
  if (live !== undefined) return live;
  const durable = services.table.durable.get(groupId);
  if (durable?.type !== "Classic") return null;
  const { metadata } = durable;
  const group = newClassicGroup(services, groupId, metadata === null ? now.wallMs : stateTimestamp(metadata));
  if (metadata === null) return group;
  group.restore(metadata);
  for (const member of metadata.members) {
    if (group.members.has(member.memberId)) continue;
    const fields = {
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      protocolType: metadata.protocolType,
      rebalanceTimeoutMs: member.rebalanceTimeout === -1 ? member.sessionTimeout : member.rebalanceTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      protocols: [{ name: metadata.protocol ?? "", metadata: member.subscription }],
      assignment: member.assignment,
    };
    const loaded = newMember(services, group, fields);
    group.add(loaded, null);
    renewSession(loaded, now);
  }
  group.subscribedTopics = subscribedTopicsOf(group);
  return group;
}

/** A live group without members. */
export function newClassicGroup(
  services: GroupServices,
  groupId: string,
  stateTimestampMs: number | null,
): ClassicGroup {
  const group = new ClassicGroup(groupId, stateTimestampMs, services.memory, (self): GroupTimers => {
    const { context } = services;
    return {
      join: context.newTimer((now) => joinTimerDue(services, self, now)),
      sync: context.newTimer((now) => syncTimerDue(services, self, now)),
    };
  });
  services.table.live.set(groupId, group);
  return group;
}

/** A member with its session timer; not in the group yet. */
export function newMember(
  services: GroupServices,
  group: ClassicGroup,
  fields: ClassicMemberFields,
): ClassicMember {
  const { memberId } = fields;
  const timer = services.context.newTimer((now) =>
    group.state === "Dead" ? NOTHING : sessionTimerDue(services, group, memberId, now),
  );
  return new ClassicMember(fields, timer);
}

/** The timer after which an id that was given out is forgotten. */
export function newPendingJoinTimer(
  services: GroupServices,
  group: ClassicGroup,
  memberId: string,
): ShardTimer {
  return services.context.newTimer((now) => pendingJoinTimerDue(services, group, memberId, now));
}

/** Ends the soft state of a group that is empty. */
export function dropLiveGroup(services: GroupServices, groupId: string, now: DecisionTime): void {
  services.table.live.get(groupId)?.dissolve(now.wallMs);
  services.table.live.delete(groupId);
}

function stateTimestamp({
  currentStateTimestamp,
}: {
  readonly currentStateTimestamp: bigint;
}): number | null {
  return currentStateTimestamp === -1n ? null : Number(currentStateTimestamp);
}
