// The consumer's side of a rebalance: what is committed and revoked before a join, what the leader assigns,
// and what is revoked and added after it, eager or cooperative (KIP-429). Driven by polls: `step` does what
// is due. Invariant: a partition that is being revoked is not read any more, and one that is new is not read
// before the user's callback has run.
import { DecodeError, errors, type JoinGroupRequest, type JoinGroupResponse } from "@ottla/protocol";
import type { AssignorMemory, RebalanceProtocol } from "../../assignors/assignor.ts";
import { decodeAssignment, encodeSubscription } from "../../assignors/subscription.ts";
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import { nextMetadata } from "../../cluster/call.ts";
import { KafkaError } from "../../errors/kafka-error.ts";
import { OffsetCommits } from "../commit/offset-commits.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import { partitionKey } from "../topic-partition-map.ts";
import { ClassicMembership } from "./classic-membership.ts";
import type { GroupMembershipOperation } from "./generation.ts";
import type { GroupCoordinator } from "./group-coordinator.ts";
import {
  assignableTopics,
  assignByLeader,
  chosenAssignor,
  memberSubscriptions,
  topicsFingerprint,
} from "./leader-assignment.ts";
import { RebalanceCallbacks } from "./rebalance-callbacks.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";

export class GroupRebalance {
  readonly membership: ClassicMembership;
  readonly commits: OffsetCommits;
  readonly callbacks: RebalanceCallbacks;
  readonly protocol: RebalanceProtocol;
  readonly #context: ConsumerContext;
  readonly #coordinator: GroupCoordinator;
  /** Topics of the last join; null before the first. */
  #joinedTopics: ReadonlySet<string> | null = null;
  #memory: AssignorMemory = { generationId: -1, partitions: [] };
  /** What the leader assigned by; null for others. */
  #fingerprint: string | null = null;
  #metadataVersion = -1;
  /** Before a join: `committing` waits for the commit of what was consumed, `ready` may join. */
  #preparation: "none" | "committing" | "committed" | "ready" = "none";

  constructor(context: ConsumerContext, coordinator: GroupCoordinator) {
    this.#context = context;
    this.#coordinator = coordinator;
    this.callbacks = new RebalanceCallbacks(context);
    const { assignors } = context.settings;
    const isCooperative = assignors.every(({ protocols }) => protocols.includes("cooperative"));
    this.protocol = isCooperative ? "cooperative" : "eager";
    this.membership = new ClassicMembership(context, coordinator, {
      protocols: () => this.#protocols(),
      assign: (name, members, skipsAssignment) => this.#assign(name, members, skipsAssignment),
    });
    this.commits = new OffsetCommits(context, coordinator, this.membership);
  }

  /**
   * Does what is due in this poll. A promise must be awaited, then there may be more to do; null: nothing,
   * for now. Throws what ends the membership.
   */
  step(): Promise<void> | null {
    this.membership.notePoll();
    if (!this.#coordinator.ensureKnown()) return null;
    const { subscription, connections } = this.#context;
    // What a pattern matches is not known before the first metadata.
    if (subscription.pattern !== null && connections.metadata.isBootstrap) return null;
    this.#noticeChanges();
    const assignment = this.membership.takeAssignment();
    if (assignment !== null) return this.#complete(assignment);
    if (!this.membership.needsRejoin || this.membership.isJoining) return null;
    // A cooperative member kept its partitions for this join, and then the coordinator did not know it.
    if (this.#preparation === "ready" && this.#isGenerationLost && subscription.partitionCount > 0) {
      return this.#revokeBeforeJoin();
    }
    switch (this.#preparation) {
      case "none":
        this.#beginPreparation();
        return this.#isCommitted() ? this.#revokeBeforeJoin() : null;
      case "committing":
        return null;
      case "committed":
        return this.#revokeBeforeJoin();
      case "ready":
        this.#joinedTopics = subscription.topics;
        this.membership.join();
        return null;
    }
  }

  /** Gives all partitions up, with the user's callback, and leaves the group. */
  async leave(
    reason: string,
    timeoutMs: number,
    operation: GroupMembershipOperation = "default",
  ): Promise<void> {
    const { subscription } = this.#context;
    const partitions = plain(subscription.partitions);
    if (subscription.isByGroup && partitions.length > 0) {
      for (const state of subscription.partitions) state.isRevoking = true;
      const isLost = this.membership.generation.generationId < 0 || this.membership.isRebalancing;
      if (isLost) await this.callbacks.lost(partitions);
      else await this.callbacks.revoked(partitions);
      subscription.setAssignment([]);
    }
    this.#joinedTopics = null;
    this.#fingerprint = null;
    this.#preparation = "none";
    await new Promise<void>((resolve) => this.membership.leave(reason, timeoutMs, resolve, operation));
    this.callbacks.throwError();
  }

  #noticeChanges(): void {
    const { subscription, connections } = this.#context;
    if (connections.metadata.version !== this.#metadataVersion) {
      this.#metadataVersion = connections.metadata.version;
      const { pattern } = subscription;
      if (pattern !== null) subscription.setMatchedTopics(this.#matches(pattern));
      if (this.#fingerprint !== null && this.#fingerprint !== this.#currentFingerprint()) {
        this.#fingerprint = null;
        this.membership.requestRejoin("cached metadata has changed");
      }
    }
    const joined = this.#joinedTopics;
    if (joined === null || joined === subscription.topics) return;
    const { topics } = subscription;
    if (joined.size === topics.size && [...joined].every((topic) => topics.has(topic))) {
      this.#joinedTopics = topics;
    } else {
      this.#joinedTopics = null;
      const text = `subscription has changed from [${[...joined].join(", ")}] to [${[...topics].join(", ")}]`;
      this.membership.requestRejoin(text);
    }
  }

  #matches(pattern: RegExp): Set<string> {
    const matched = new Set<string>();
    for (const { name, isInternal } of this.#context.connections.metadata.topics) {
      if (isInternal && this.#context.settings.excludesInternalTopics) continue;
      if (pattern.test(name)) matched.add(name);
    }
    return matched;
  }

  #currentFingerprint(): string {
    const { connections, subscription } = this.#context;
    return topicsFingerprint(assignableTopics(connections.metadata, subscription.metadataTopics));
  }

  #beginPreparation(): void {
    const { settings, subscription, connections, logger, signal, metrics } = this.#context;
    metrics.group.rebalanceBegins(connections.nowMs());
    this.#fingerprint = null;
    subscription.setGroupTopics([]);
    for (const state of this.#toRevoke()) state.isRevoking = true;
    this.#preparation = "committed";
    if (!settings.isAutoCommit || this.#isGenerationLost) return;
    const offsets = this.commits.consumed();
    if (offsets.size === 0) return;
    this.#preparation = "committing";
    const deadlineMs = connections.nowMs() + settings.pollIntervalMsMax;
    this.commits
      .commitUntil(offsets, deadlineMs)
      .catch((error: unknown) => {
        if (!(error instanceof KafkaError)) throw error;
        logger.warn(`Asynchronous auto-commit of offsets failed: ${error.message}`, ORIGIN);
      })
      .finally(() => {
        if (this.#preparation === "committing") this.#preparation = "committed";
        signal.notify();
      });
  }

  #isCommitted(): boolean {
    return this.#preparation === "committed";
  }

  get #isGenerationLost(): boolean {
    const { generationId, memberId } = this.membership.generation;
    return generationId < 0 || memberId === "";
  }

  /** Eager: everything. Cooperative: what is not subscribed any more. */
  #toRevoke(): PartitionState[] {
    const { subscription } = this.#context;
    const states = [...subscription.partitions];
    if (this.protocol === "eager" || this.#isGenerationLost) return states;
    return states.filter(({ topic }) => !subscription.topics.has(topic));
  }

  async #revokeBeforeJoin(): Promise<void> {
    const { subscription } = this.#context;
    const revoked = this.#toRevoke();
    const left = [...subscription.partitions].filter((state) => !revoked.includes(state));
    if (this.#isGenerationLost) {
      if (revoked.length > 0) await this.callbacks.lost(plain(revoked));
    } else if (this.protocol === "eager" || revoked.length > 0) {
      await this.callbacks.revoked(plain(revoked));
    }
    subscription.setAssignment(left);
    this.#preparation = "ready";
    this.callbacks.throwError();
  }

  #protocols(): JoinGroupRequest.JoinGroupRequestProtocol[] {
    const { subscription, settings } = this.#context;
    const { generationId } = this.membership.generation;
    const ownedPartitions = plain(subscription.partitions);
    return settings.assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics: [...subscription.topics],
        ownedPartitions,
        generationId,
        rackId: settings.rackId === "" ? null : settings.rackId,
        groupInstanceId: null,
        userData: assignor.userData(this.#memory),
      }),
    }));
  }

  async #assign(
    protocolName: string | null,
    members: readonly JoinGroupResponse.JoinGroupResponseMember[],
    skipsAssignment: boolean,
  ): Promise<{ memberId: string; assignment: Uint8Array }[]> {
    const { settings, subscription, connections } = this.#context;
    const assignor = chosenAssignor(settings.assignors, protocolName);
    const subscriptions = memberSubscriptions(members);
    const topics = new Set([...subscriptions.values()].flatMap((each) => [...each.topics]));
    subscription.setGroupTopics(topics);
    await this.#learnOf(topics);
    this.#fingerprint = this.#currentFingerprint();
    if (skipsAssignment) return [];
    return assignByLeader(assignor, assignableTopics(connections.metadata, topics), subscriptions);
  }

  /** Waits until something is known of each topic, if only that there is none. */
  async #learnOf(topics: ReadonlySet<string>): Promise<void> {
    const { connections, settings } = this.#context;
    const { metadata } = connections;
    const isUnheardOf = (topic: string): boolean =>
      metadata.topic(topic) === null && metadata.topicError(topic) === null;
    const deadlineMs = connections.nowMs() + settings.pollIntervalMsMax;
    while ([...topics].some(isUnheardOf) && !connections.isClosed) {
      const remainingMs = deadlineMs - connections.nowMs();
      if (remainingMs <= 0) return;
      const arrived = nextMetadata(connections, remainingMs);
      connections.requestUpdate();
      await arrived;
      // A pattern asks for all topics: what is not among them does not exist.
      if (this.#context.subscription.pattern !== null) return;
    }
  }

  async #complete(bytes: Uint8Array): Promise<void> {
    const { subscription, connections, metrics } = this.#context;
    this.#preparation = "none";
    const assigned = assignedPartitions(bytes);
    const { generationId } = this.membership.generation;
    this.#memory = { generationId, partitions: assigned };
    if (!this.#isWanted(assigned)) {
      this.membership.requestRejoin("received assignment doesn't match the current subscription");
      return;
    }
    const now = new Set(assigned.map(partitionKey));
    const revoked = [...subscription.partitions].filter(({ key }) => !now.has(key));
    if (revoked.length > 0) {
      for (const state of revoked) state.isRevoking = true;
      await this.callbacks.revoked(plain(revoked));
      const names = revoked.map(({ key }) => key).join(", ");
      this.membership.requestRejoin(
        `need to revoke partitions [${names}] as indicated by the current assignment`,
      );
    }
    const added = subscription.setAssignment(assigned);
    for (const state of added) state.isAwaitingCallback = true;
    for (const state of subscription.partitions) state.isRevoking = false;
    this.commits.restartInterval();
    if (added.some(({ topic }) => connections.metadata.topic(topic) === null)) connections.requestUpdateNow();
    await this.callbacks.assigned(plain(added));
    for (const state of added) state.isAwaitingCallback = false;
    metrics.group.rebalanceEnds(connections.nowMs());
    this.callbacks.throwError();
  }

  /** Whether everything assigned is subscribed; a pattern may match topics that this member has not seen. */
  #isWanted(assigned: readonly TopicPartition[]): boolean {
    const { subscription } = this.#context;
    const unknown = assigned.filter(({ topic }) => !subscription.topics.has(topic));
    const { pattern } = subscription;
    if (unknown.length === 0) return true;
    if (pattern === null || unknown.some(({ topic }) => !pattern.test(topic))) return false;
    subscription.setMatchedTopics(new Set([...subscription.topics, ...unknown.map(({ topic }) => topic)]));
    this.#joinedTopics = subscription.topics;
    return true;
  }
}

function assignedPartitions(bytes: Uint8Array): readonly TopicPartition[] {
  try {
    return decodeAssignment(bytes).partitions;
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new KafkaError(errors.INCONSISTENT_GROUP_PROTOCOL, `assignment: ${cause.message}`, { cause });
  }
}

/** Names only: what users get must not change under them. */
function plain(partitions: Iterable<TopicPartition>): TopicPartition[] {
  return [...partitions].map(({ topic, partition }) => ({ topic, partition }));
}
