// Members of classic groups for scenarios: makes a group's coordinator ready, and brings a group of one or
// two members to rest without that being compared. Not here: what is asked of it then.
import { type ApiKey, apiKeys, errors, type JoinGroupResponse } from "@ottla/protocol";
import type { Exchange, RequestOf } from "./exchange.ts";
import { readyWaitMs } from "./limits.ts";

/** One member; its party is its connection. */
export interface GroupMember<Key extends ApiKey> {
  readonly party: Exchange<Key>;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  generationId: number;
}

export interface GroupOptions {
  readonly protocolType?: string;
  /** Instance ids of the members; null for one that has none. */
  readonly instances?: readonly (string | null)[];
  /** What the members subscribe to, as bytes. */
  readonly metadata?: Uint8Array;
  readonly rebalanceTimeoutMs?: number;
}

const joinVersion = 9;
const syncVersion = 5;
const heartbeatVersion = 4;
/** Long enough for no group to move on by itself while it is looked at. */
const sessionTimeoutMs = 1_200_000;
const rebalanceTimeoutMs = 1_200_000;
const notReady: readonly number[] = [
  errors.COORDINATOR_LOAD_IN_PROGRESS.code,
  errors.COORDINATOR_NOT_AVAILABLE.code,
  errors.NOT_COORDINATOR.code,
];

export const protocolName = "range";

/**
 * ConsumerProtocolSubscription version 0 of one topic. Apache Kafka reads it, and a join with one that it
 * cannot read is never answered.
 */
export function subscriptionTo(topic: string): Uint8Array {
  const name = Buffer.from(topic);
  const bytes = Buffer.alloc(2 + 4 + 2 + name.length + 4);
  bytes.writeInt32BE(1, 2);
  bytes.writeInt16BE(name.length, 6);
  name.copy(bytes, 8);
  bytes.writeInt32BE(-1, 8 + name.length);
  return bytes;
}

/** Assignments mean nothing to the coordinator. */
export function opaque(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Asks again every few milliseconds until `done` holds. */
export async function until<Answer>(
  ask: () => Promise<Answer>,
  done: (answer: Answer) => boolean,
  what: string,
): Promise<Answer> {
  const deadline = Date.now() + readyWaitMs;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`preparation: ${what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

/** A group id of this scenario whose coordinator takes requests. */
export async function readyGroup<Key extends ApiKey>(x: Exchange<Key>, label = "g"): Promise<string> {
  const groupId = x.name(label);
  await until(
    () => x.call(apiKeys.FindCoordinator, 4, { coordinatorKeys: [groupId] }),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
    `no coordinator of ${groupId}`,
  );
  await until(
    () => x.call(apiKeys.DescribeGroups, 5, { groups: [groupId] }),
    ({ groups }) => !notReady.includes(groups[0]?.errorCode ?? 0),
    `the coordinator of ${groupId} does not load`,
  );
  return groupId;
}

/** A join that nobody could object to. */
export function joinFields(
  groupId: string,
  memberId: string,
  options: GroupOptions & { readonly groupInstanceId?: string | null } = {},
): Partial<RequestOf<typeof apiKeys.JoinGroup>> {
  return {
    groupId,
    sessionTimeoutMs,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? rebalanceTimeoutMs,
    memberId,
    groupInstanceId: options.groupInstanceId ?? null,
    protocolType: options.protocolType ?? "consumer",
    protocols: [{ name: protocolName, metadata: options.metadata ?? subscriptionTo("d-nobody-made-this") }],
  };
}

/** The id that the coordinator gives a member without one. */
export async function newMemberId<Key extends ApiKey>(
  x: Exchange<Key>,
  groupId: string,
  options: GroupOptions = {},
): Promise<string> {
  const answer = await x.call(apiKeys.JoinGroup, joinVersion, joinFields(groupId, "", options));
  if (answer.errorCode !== errors.MEMBER_ID_REQUIRED.code)
    throw new Error(`preparation: a member without id got error ${answer.errorCode}`);
  return answer.memberId;
}

/** A group of one or two members in state Stable; the first is its leader, all have an assignment. */
export async function stableGroup<Key extends ApiKey>(
  x: Exchange<Key>,
  groupId: string,
  count: 1 | 2,
  options: GroupOptions = {},
): Promise<GroupMember<Key>[]> {
  const leader = await newMember(x, groupId, 0, options);
  await joined(leader.join());
  await leader.sync([]);
  if (count === 1) return [leader.member];
  const follower = await newMember(x, groupId, 1, options);
  const following = follower.join();
  await until(
    () => leader.heartbeat(),
    ({ errorCode }) => errorCode === errors.REBALANCE_IN_PROGRESS.code,
    "no rebalance begins",
  );
  await joined(leader.join());
  await joined(following);
  const { memberId } = follower.member;
  await Promise.all([follower.sync([]), leader.sync([{ memberId, assignment: opaque("share 1") }])]);
  return [leader.member, follower.member];
}

async function joined(joining: Promise<JoinGroupResponse>): Promise<void> {
  const { errorCode } = await joining;
  if (errorCode !== 0) throw new Error(`preparation: a join got error ${errorCode}`);
}

async function newMember<Key extends ApiKey>(
  x: Exchange<Key>,
  groupId: string,
  index: number,
  options: GroupOptions,
) {
  const party = x.party();
  const groupInstanceId = options.instances?.[index] ?? null;
  let memberId = groupInstanceId === null ? await newMemberId(party, groupId, options) : "";
  const member = { party, memberId, groupInstanceId, generationId: -1 };
  return {
    member,
    join: async (): Promise<JoinGroupResponse> => {
      const fields = joinFields(groupId, memberId, { ...options, groupInstanceId });
      const answer = await party.call(apiKeys.JoinGroup, joinVersion, fields);
      memberId = answer.memberId;
      // Counted in the order of joining: an answer may name members in the order of a hash table.
      party.peer.symbols.member(memberId);
      Object.assign(member, { memberId, generationId: answer.generationId });
      return answer;
    },
    heartbeat: () =>
      party.call(apiKeys.Heartbeat, heartbeatVersion, {
        groupId,
        generationId: member.generationId,
        memberId,
        groupInstanceId,
      }),
    /** Its own share is part of it: it is the leader's assignment that counts. */
    sync: async (others: readonly { memberId: string; assignment: Uint8Array }[]): Promise<void> => {
      const { errorCode } = await party.call(apiKeys.SyncGroup, syncVersion, {
        groupId,
        generationId: member.generationId,
        memberId,
        groupInstanceId,
        protocolType: options.protocolType ?? "consumer",
        protocolName,
        assignments: [{ memberId, assignment: opaque("share 0") }, ...others],
      });
      if (errorCode !== 0) throw new Error(`preparation: a sync got error ${errorCode}`);
    },
  };
}
