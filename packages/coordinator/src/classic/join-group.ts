// JoinGroup: who may become or stay a member, and what that does to the group. The answer comes when the
// group has its next generation, or at once. Versions: from 4 a client must come back with the id it was
// given (KIP-394), 5 has static members (KIP-345), 9 lets a static leader skip the assignment (KIP-814). Not
// here: the rebalance itself (rebalance.ts).
import {
  errors,
  type JoinGroupRequest,
  type JoinGroupResponse,
  makeJoinGroupResponse,
} from "@ottla/protocol";
import { foreignTombstones } from "../group/foreign-groups.ts";
import { type GroupChange, NOTHING, writeRecords } from "../group/group-decision.ts";
import type { GroupRecord } from "../group/group-record.ts";
import type { GroupServices } from "../group/group-services.ts";
import { operationError } from "../group/operation-error.ts";
import type { GroupRequestContext } from "../group-request-context.ts";
import {
  GROUP_OVERHEAD_BYTES,
  MEMBER_OVERHEAD_BYTES,
  NEW_MEMBER_JOIN_TIMEOUT_MS,
  PENDING_MEMBER_BYTES,
  PENDING_MEMBERS_MAX,
} from "../limits.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import { answerJoin } from "./answers.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { type ClassicMember, type JoinAnswer, type MemberProtocol, protocolBytes } from "./classic-member.ts";
import { newGroupRecord } from "./group-metadata-record.ts";
import { type Join, presentGeneration, refuse, respond } from "./join.ts";
import {
  dropLiveGroup,
  findClassicGroup,
  newClassicGroup,
  newMember,
  newPendingJoinTimer,
} from "./live-groups.ts";
import { memberProblem } from "./member-check.ts";
import { maybeCompleteJoin, rebalanceOrCompleteJoin, removeMember } from "./rebalance.ts";
import { replaceStaticMember } from "./static-member.ts";

/** From this version on a new member is given an id first. */
const MEMBER_ID_REQUIRED_SINCE = 4;

/** `answer` is called once, whatever comes. */
export function decideJoin(
  services: GroupServices,
  context: GroupRequestContext,
  request: JoinGroupRequest,
  answer: JoinAnswer,
  now: DecisionTime,
): GroupChange {
  const { groupId, memberId } = request;
  const { table } = services;
  const first = new FirstAnswer(answer);
  const join: Join = { context, request, protocols: uniqueProtocols(request), answer: first.answer };
  const isUnknown = memberId === "";
  const durable = table.durable.get(groupId);
  if (durable?.type === "Share" || durable?.type === "Streams") {
    return refuse(services, join, "", errors.INCONSISTENT_GROUP_PROTOCOL);
  }
  let group = findClassicGroup(services, groupId, now);
  const isNewGroup = group === null;
  if (group === null) {
    if (!isUnknown) return refuse(services, join, memberId, errors.UNKNOWN_MEMBER_ID);
    if (!services.memory.hasRoomFor(GROUP_OVERHEAD_BYTES + MEMBER_OVERHEAD_BYTES)) {
      services.metrics.memoryRefusals++;
      return refuse(services, join, memberId, errors.GROUP_MAX_SIZE_REACHED);
    }
    group = newClassicGroup(services, groupId, now.wallMs);
  }
  const change = joinGroup(services, group, join, now);
  if (!isNewGroup) return change;
  const tombstones = foreignTombstones(groupId, durable);
  if (change.records.length > 0) return { ...change, records: [...tombstones, ...change.records] };
  first.hold();
  return recordNewGroup(services, group, { tombstones, first });
}

/** A new group's first answer waits for the group to be in the log: who asks for the group next finds it. */
class FirstAnswer {
  readonly #answer: JoinAnswer;
  #isHeld = false;
  #response: JoinGroupResponse | null = null;

  constructor(answer: JoinAnswer) {
    this.#answer = answer;
  }

  /** Answers leave after the decision, so that it is early enough to hold them at its end. */
  hold(): void {
    this.#isHeld = true;
  }

  readonly answer: JoinAnswer = (response) => {
    if (this.#isHeld) this.#response = response;
    else this.#answer(response);
  };

  /** `error` null: the group is in the log. */
  release(error: JoinGroupResponse | null): void {
    this.#isHeld = false;
    if (this.#response !== null) this.#answer(error ?? this.#response);
  }
}

function joinGroup(services: GroupServices, group: ClassicGroup, join: Join, now: DecisionTime): GroupChange {
  const { memberId, protocolType } = join.request;
  if (!acceptsJoin(services, group, memberId)) {
    refuse(services, join, "", errors.GROUP_MAX_SIZE_REACHED);
    const member = group.members.get(memberId);
    if (member !== undefined) removeMember(services, group, member);
    else group.remove(memberId);
    return maybeCompleteJoin(services, group, now);
  }
  if (!group.supportsProtocols(protocolType, join.protocols)) {
    return refuse(services, join, memberId, errors.INCONSISTENT_GROUP_PROTOCOL);
  }
  const heldBytes = group.members.get(memberId)?.countedBytes ?? 0;
  if (!group.hasRoomFor(MEMBER_OVERHEAD_BYTES + protocolBytes(join.protocols) - heldBytes)) {
    services.metrics.memoryRefusals++;
    return refuse(services, join, memberId, errors.GROUP_MAX_SIZE_REACHED);
  }
  return memberId === "" ? joinNew(services, group, join, now) : joinExisting(services, group, join, now);
}

/**
 * Members that wait are counted while a group rebalances, so that the last to rejoin are turned away, not the
 * first.
 */
function acceptsJoin({ config }: GroupServices, group: ClassicGroup, memberId: string): boolean {
  const member = group.members.get(memberId);
  switch (group.state) {
    case "Empty":
    case "Dead":
      return true;
    case "PreparingRebalance":
      return (
        (member !== undefined && member.awaitingJoin !== null) ||
        group.awaitingJoinCount < config.groupMaxSize
      );
    case "CompletingRebalance":
    case "Stable":
      return member !== undefined || group.members.size < config.groupMaxSize;
  }
}

function joinNew(services: GroupServices, group: ClassicGroup, join: Join, now: DecisionTime): GroupChange {
  const { groupInstanceId, sessionTimeoutMs } = join.request;
  const memberId = `${groupInstanceId ?? join.context.clientId}-${services.newUuid()}`;
  if (groupInstanceId !== null) {
    const present = group.members.get(group.staticMembers.get(groupInstanceId) ?? "");
    if (present !== undefined) return replaceStaticMember(services, group, join, present, memberId, now);
    return addMember(services, group, join, memberId, now);
  }
  if (join.context.apiVersion < MEMBER_ID_REQUIRED_SINCE)
    return addMember(services, group, join, memberId, now);
  if (group.pendingJoins.size >= PENDING_MEMBERS_MAX || !services.memory.hasRoomFor(PENDING_MEMBER_BYTES)) {
    services.metrics.memoryRefusals++;
    return refuse(services, join, "", errors.GROUP_MAX_SIZE_REACHED);
  }
  const timer = newPendingJoinTimer(services, group, memberId);
  timer.set(now.monotonicMs + sessionTimeoutMs);
  group.addPendingJoin(memberId, timer);
  return refuse(services, join, memberId, errors.MEMBER_ID_REQUIRED);
}

function joinExisting(
  services: GroupServices,
  group: ClassicGroup,
  join: Join,
  now: DecisionTime,
): GroupChange {
  const { memberId, groupInstanceId } = join.request;
  if (group.pendingJoins.has(memberId)) {
    // An id is given out to dynamic members only; Kafka, too, has no better answer for one that turns static.
    if (groupInstanceId !== null) return refuse(services, join, "", errors.UNKNOWN_SERVER_ERROR);
    return addMember(services, group, join, memberId, now);
  }
  const problem = memberProblem(group, memberId, groupInstanceId);
  if (problem !== null) return refuse(services, join, memberId, problem);
  const member = group.members.get(memberId) as ClassicMember;
  switch (group.state) {
    case "PreparingRebalance":
      return rejoin(services, group, join, member, now);
    case "CompletingRebalance": {
      if (!member.matches(join.protocols)) return rejoin(services, group, join, member, now);
      // The answer to its first join was lost.
      const members = group.isLeader(memberId) ? group.memberMetadata() : [];
      respond(services, join, { ...presentGeneration(group, memberId), members });
      return NOTHING;
    }
    case "Stable":
      // A leader that joins again wants a rebalance: it has seen something that the group has not, such as
      // new partitions.
      if (group.isLeader(memberId) || !member.matches(join.protocols)) {
        return rejoin(services, group, join, member, now);
      }
      respond(services, join, presentGeneration(group, memberId));
      return NOTHING;
    case "Empty":
    case "Dead":
      return refuse(services, join, memberId, errors.UNKNOWN_MEMBER_ID);
  }
}

function addMember(
  services: GroupServices,
  group: ClassicGroup,
  join: Join,
  memberId: string,
  now: DecisionTime,
): GroupChange {
  const { request, context, protocols } = join;
  const member = newMember(services, group, {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    protocolType: request.protocolType,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols,
  });
  member.isNew = true;
  if (group.state === "PreparingRebalance" && group.previousState === "Empty") group.newMemberAdded = true;
  group.add(member, join.answer);
  // It cannot send heartbeats, and a client that has gone away is not seen while its request waits.
  member.sessionTimer.set(now.monotonicMs + NEW_MEMBER_JOIN_TIMEOUT_MS);
  return rebalanceOrCompleteJoin(services, group, now);
}

function rejoin(
  services: GroupServices,
  group: ClassicGroup,
  join: Join,
  member: ClassicMember,
  now: DecisionTime,
): GroupChange {
  answerAbandonedJoin(services, group, member);
  group.update(member, join.protocols, join.request, join.answer);
  return rebalanceOrCompleteJoin(services, group, now);
}

/** A join that waits in the place of a newer one of the same member: its client has given it up. */
function answerAbandonedJoin(services: GroupServices, group: ClassicGroup, member: ClassicMember): void {
  const { memberId } = member;
  const errorCode = errors.REBALANCE_IN_PROGRESS.code;
  answerJoin(services, group, member, makeJoinGroupResponse({ memberId, errorCode }));
}

/** A new group becomes known to the log, even though it has no generation yet. */
function recordNewGroup(
  services: GroupServices,
  group: ClassicGroup,
  { tombstones, first }: { readonly tombstones: readonly GroupRecord[]; readonly first: FirstAnswer },
): GroupChange {
  return writeRecords([...tombstones, newGroupRecord(group)], (error, now) => {
    if (error === null) {
      first.release(null);
      return;
    }
    const { groupId } = group;
    services.logger.warn("a new group could not be written", { group: groupId, error: error.name });
    const errorCode = operationError(error).code;
    first.release(makeJoinGroupResponse({ errorCode }));
    for (const member of group.members.values()) {
      answerJoin(services, group, member, makeJoinGroupResponse({ errorCode }));
    }
    const { live, durable } = services.table;
    if (live.get(groupId) === group && durable.get(groupId)?.type !== "Classic") {
      dropLiveGroup(services, groupId, now);
    }
  });
}

/** Copies, because the request's bytes are gone after the call. The first of several with one name counts. */
function uniqueProtocols(request: JoinGroupRequest): MemberProtocol[] {
  const byName = new Map<string, MemberProtocol>();
  for (const { name, metadata } of request.protocols) {
    if (!byName.has(name)) byName.set(name, { name, metadata: metadata.slice() });
  }
  return [...byName.values()];
}
