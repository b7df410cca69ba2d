// A classic group as its coordinator knows it while it lives: members, who waits, the generation in
// preparation. All of it is soft state; the group's record in the log holds the last stable generation.
// Changed by the functions beside this file only. Invariant: `awaitingJoinCount` and `supportedProtocols`
// agree with `members`; a leader is a member.
import type { GroupMetadataValue, JoinGroupResponse } from "@ottla/protocol";
import { makeJoinGroupResponseJoinGroupResponseMember } from "@ottla/protocol";
import type { MemberMemory } from "../group/member-memory.ts";
import { GROUP_BYTES_MAX, GROUP_OVERHEAD_BYTES, PENDING_MEMBER_BYTES } from "../limits.ts";
import type { ShardTimer } from "../runtime/coordinator-shard.ts";
import type { ClassicMember, JoinAnswer, MemberProtocol } from "./classic-member.ts";
import { CONSUMER_PROTOCOL_TYPE, subscribedTopicsOf } from "./subscribed-topics.ts";

/** As ListGroups and DescribeGroups spell them. */
export type ClassicGroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

const PREVIOUS_STATES: Readonly<Record<ClassicGroupState, readonly ClassicGroupState[]>> = {
  Empty: ["PreparingRebalance"],
  PreparingRebalance: ["Stable", "CompletingRebalance", "Empty"],
  CompletingRebalance: ["PreparingRebalance"],
  Stable: ["CompletingRebalance"],
  Dead: ["Stable", "PreparingRebalance", "CompletingRebalance", "Empty", "Dead"],
};

/**
 * What the join timer does: end the wait for the first members, step by step, or end the wait for those who
 * rejoin.
 */
export type JoinPhase =
  | { readonly kind: "initial"; readonly delayMs: number; readonly remainingMs: number }
  | { readonly kind: "rebalance" };

/** Timers of a group. */
export interface GroupTimers {
  readonly join: ShardTimer;
  readonly sync: ShardTimer;
}

export class ClassicGroup {
  readonly groupId: string;
  readonly members: Map<string, ClassicMember> = new Map();
  /** Member id by group instance id. */
  readonly staticMembers: Map<string, string> = new Map();
  /** Ids given out to clients that have not joined with them yet, and when they are forgotten. */
  readonly pendingJoins: Map<string, ShardTimer> = new Map();
  /** Members whose SyncGroup of this generation has not come. */
  readonly pendingSyncs: Set<string> = new Set();
  readonly timers: GroupTimers;
  readonly #memory: MemberMemory;
  state: ClassicGroupState = "Empty";
  previousState: ClassicGroupState = "Dead";
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** Wall time of the last change of state; null in records of before 2.1. */
  stateTimestampMs: number | null;
  /** Null when unknown: no consumers, or metadata that cannot be read. */
  subscribedTopics: ReadonlySet<string> | null = null;
  joinPhase: JoinPhase = { kind: "rebalance" };
  /** Somebody new has come while the first members are waited for. */
  newMemberAdded = false;
  #awaitingJoinCount = 0;
  #memberBytes = 0;
  #isDissolved = false;
  readonly #supportedProtocols = new Map<string, number>();

  constructor(
    groupId: string,
    stateTimestampMs: number | null,
    memory: MemberMemory,
    newTimers: (group: ClassicGroup) => GroupTimers,
  ) {
    this.groupId = groupId;
    this.stateTimestampMs = stateTimestampMs;
    this.#memory = memory;
    memory.add(GROUP_OVERHEAD_BYTES);
    this.timers = newTimers(this);
  }

  get awaitingJoinCount(): number {
    return this.#awaitingJoinCount;
  }

  get hasAllMembersJoined(): boolean {
    return this.members.size === this.#awaitingJoinCount && this.pendingJoins.size === 0;
  }

  get canRebalance(): boolean {
    return PREVIOUS_STATES.PreparingRebalance.includes(this.state);
  }

  /** The longest of its members'. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const { rebalanceTimeoutMs } of this.members.values())
      longest = Math.max(longest, rebalanceTimeoutMs);
    return longest;
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId;
  }

  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.usesConsumerProtocol;
  }

  /** As the log remembers the group. */
  restore(value: Readonly<GroupMetadataValue>): void {
    this.state = value.members.length === 0 ? "Empty" : "Stable";
    this.generationId = value.generation;
    this.protocolType = value.protocolType === "" ? null : value.protocolType;
    this.protocolName = value.protocol;
    this.leaderId = value.leader;
  }

  transitionTo(state: ClassicGroupState, wallMs: number): void {
    if (!PREVIOUS_STATES[state].includes(this.state)) {
      throw new Error(`group ${this.groupId} cannot go from ${this.state} to ${state}`);
    }
    this.previousState = this.state;
    this.state = state;
    this.stateTimestampMs = wallMs;
  }

  add(member: ClassicMember, answer: JoinAnswer | null): void {
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId);
    if (this.members.size === 0) this.protocolType = member.protocolType;
    this.leaderId ??= member.memberId;
    this.members.set(member.memberId, member);
    this.#countProtocols(member.protocols, 1);
    this.#setAwaitingJoin(member, answer);
    this.recount(member);
    this.removePendingJoin(member.memberId);
  }

  /** Forgets a member, or an id that was given out. Who waits must have been answered. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.members.delete(memberId);
      member.sessionTimer.cancel();
      this.#countProtocols(member.protocols, -1);
      this.#setAwaitingJoin(member, null);
      this.#giveBack(member);
      if (member.groupInstanceId !== null) this.staticMembers.delete(member.groupInstanceId);
    }
    if (this.isLeader(memberId)) this.leaderId = this.members.keys().next().value ?? null;
    this.removePendingJoin(memberId);
    this.pendingSyncs.delete(memberId);
  }

  /** Remembers an id that was given out. */
  addPendingJoin(memberId: string, timer: ShardTimer): void {
    this.pendingJoins.set(memberId, timer);
    this.#memory.add(PENDING_MEMBER_BYTES);
  }

  removePendingJoin(memberId: string): void {
    this.pendingJoins.get(memberId)?.cancel();
    if (this.pendingJoins.delete(memberId)) this.#memory.add(-PENDING_MEMBER_BYTES);
  }

  update(
    member: ClassicMember,
    protocols: readonly MemberProtocol[],
    timeouts: { readonly rebalanceTimeoutMs: number; readonly sessionTimeoutMs: number },
    answer: JoinAnswer | null,
  ): void {
    this.#countProtocols(member.protocols, -1);
    member.protocols = protocols;
    this.#countProtocols(protocols, 1);
    member.rebalanceTimeoutMs = timeouts.rebalanceTimeoutMs;
    member.sessionTimeoutMs = timeouts.sessionTimeoutMs;
    this.#setAwaitingJoin(member, answer);
    this.recount(member);
  }

  /**
   * Puts a member with a new id in the place of a static one; who waited in that place must have been
   * answered.
   */
  replace(old: ClassicMember, replacement: ClassicMember): void {
    this.members.delete(old.memberId);
    old.sessionTimer.cancel();
    this.#setAwaitingJoin(old, null);
    this.#giveBack(old);
    this.members.set(replacement.memberId, replacement);
    this.recount(replacement);
    if (this.isLeader(old.memberId)) this.leaderId = replacement.memberId;
    if (replacement.groupInstanceId !== null) {
      this.staticMembers.set(replacement.groupInstanceId, replacement.memberId);
    }
  }

  /** Takes the join answer of a member that waits for one. */
  takeJoin(member: ClassicMember): JoinAnswer | null {
    const answer = member.awaitingJoin;
    this.#setAwaitingJoin(member, null);
    return answer;
  }

  /** A member that has joined leads; false when none has. */
  electJoinedLeader(): boolean {
    if (this.leaderId === null) return false;
    if (this.members.get(this.leaderId)?.awaitingJoin) return true;
    for (const member of this.members.values()) {
      if (member.awaitingJoin === null) continue;
      this.leaderId = member.memberId;
      return true;
    }
    return false;
  }

  supportsProtocols(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.state === "Empty") return protocolType !== "" && protocols.length > 0;
    return (
      this.protocolType === protocolType &&
      protocols.some(({ name }) => (this.#supportedProtocols.get(name) ?? 0) === this.members.size)
    );
  }

  /** The protocol that most members like best, of those that all support. The group is not empty. */
  selectProtocol(): string {
    const candidates = new Set<string>();
    for (const [name, count] of this.#supportedProtocols)
      if (count === this.members.size) candidates.add(name);
    const votes = new Map<string, number>();
    let winner = "";
    for (const member of this.members.values()) {
      const choice = member.vote(candidates);
      votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    for (const [name, count] of votes) if (count > (votes.get(winner) ?? 0)) winner = name;
    return winner;
  }

  /** Begins the generation of those who have joined; without members the group is empty then. */
  beginGeneration(wallMs: number): void {
    this.generationId = (this.generationId + 1) | 0;
    this.protocolName = this.members.size > 0 ? this.selectProtocol() : null;
    this.subscribedTopics = subscribedTopicsOf(this);
    this.transitionTo(this.members.size > 0 ? "CompletingRebalance" : "Empty", wallMs);
    this.pendingSyncs.clear();
  }

  /** What the leader gets to assign partitions by. */
  memberMetadata(): JoinGroupResponse.JoinGroupResponseMember[] {
    const protocolName = this.protocolName ?? "";
    return Array.from(this.members.values(), (member) =>
      makeJoinGroupResponseJoinGroupResponseMember({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        metadata: member.metadata(protocolName),
      }),
    );
  }

  /** Notes the memory a member holds, after it has changed. */
  recount(member: ClassicMember): void {
    const bytes = member.bytes;
    this.#count(bytes - member.countedBytes);
    member.countedBytes = bytes;
  }

  /** Whether members of this group may hold so much more. */
  hasRoomFor(bytes: number): boolean {
    return this.#memberBytes + bytes <= GROUP_BYTES_MAX && this.#memory.hasRoomFor(bytes);
  }

  /** The group ends, or its coordinator does: no timer runs, no memory counts any more. */
  dissolve(wallMs: number): void {
    if (this.state !== "Dead") this.transitionTo("Dead", wallMs);
    this.timers.join.cancel();
    this.timers.sync.cancel();
    for (const memberId of [...this.pendingJoins.keys()]) this.removePendingJoin(memberId);
    if (!this.#isDissolved) this.#memory.add(-GROUP_OVERHEAD_BYTES);
    this.#isDissolved = true;
    for (const member of this.members.values()) {
      member.sessionTimer.cancel();
      this.#giveBack(member);
    }
  }

  #giveBack(member: ClassicMember): void {
    this.#count(-member.countedBytes);
    member.countedBytes = 0;
  }

  #count(bytes: number): void {
    this.#memberBytes += bytes;
    this.#memory.add(bytes);
  }

  #setAwaitingJoin(member: ClassicMember, answer: JoinAnswer | null): void {
    this.#awaitingJoinCount += Number(answer !== null) - Number(member.awaitingJoin !== null);
    member.awaitingJoin = answer;
  }

  #countProtocols(protocols: readonly MemberProtocol[], by: number): void {
    for (const { name } of protocols) {
      const count = (this.#supportedProtocols.get(name) ?? 0) + by;
      if (count === 0) this.#supportedProtocols.delete(name);
      else this.#supportedProtocols.set(name, count);
    }
  }
}
