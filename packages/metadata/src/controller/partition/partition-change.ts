// What becomes of a partition when brokers go or come, or when it gets other replicas: its leader, in-sync
// and eligible replicas (KIP-966), as one PartitionChangeRecord, or none when nothing changes. All branching
// on leader election is here. Pure. Not here: which partitions are affected (broker-change.ts), what the
// record does (../../image/topics-delta.ts).
import type { NodeId, Uuid } from "@ottla/protocol";
import { DIRECTORY_UNASSIGNED } from "../../directory-id.ts";
import { NO_LEADER_CHANGE } from "../../image/topics-delta.ts";
import { LEADER_RECOVERING, NO_LEADER, type PartitionRegistration } from "../../image/topics-image.ts";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";
import { completedReassignment, type ReplicaSet } from "./reassignment.ts";

/** What the cluster allows, for one partition. */
export interface ElectionRules {
  /** Registered, unfenced and staying. */
  readonly isAcceptableLeader: (brokerId: NodeId) => boolean;
  readonly isElrEnabled: boolean;
  /** The topic's `min.insync.replicas`. */
  readonly minInsyncReplicas: number;
  /** The topic's `unclean.leader.election.enable`. */
  readonly isUncleanElectionEnabled: boolean;
  readonly partitionChangeRecordVersion: number;
  readonly isLeaderEpochBumpRequiredOnIsrShrink: boolean;
}

/** What is wanted of one partition. */
export interface PartitionTarget {
  readonly topicId: Uuid;
  readonly index: number;
  readonly partition: PartitionRegistration;
  readonly isr: readonly NodeId[];
  /** A broker whose data may be short after an unclean shutdown: it is no safe leader any more. */
  readonly uncleanShutdownBroker: NodeId | null;
  /** Other replicas than now. */
  readonly move?: ReplicaMove;
  /** The first replica shall lead, if it safely can, even though another one does. */
  readonly prefersFirst?: boolean;
}

/** Replicas to have, and the log directory of one that is new. */
export interface ReplicaMove extends ReplicaSet {
  readonly directoryOf: (brokerId: NodeId) => Uuid;
}

interface Elected {
  readonly leader: NodeId;
  readonly isUnclean: boolean;
}

/** Null when the partition stays as it is. */
export function partitionChange(wanted: PartitionTarget, rules: ElectionRules): MetadataRecord | null {
  const { partition } = wanted;
  const target = withReplicas(wanted);
  const eligible = eligibleReplicas(target, rules);
  const { leader, isUnclean } = elect(target, eligible.elr, rules);
  let isr = target.isr;
  let { elr, lastKnownElr } = eligible;
  if (isUnclean) {
    // Nobody knows what the others hold: the new leader's log is the truth from here on.
    isr = [leader];
    elr = [];
    lastKnownElr = [];
  } else if (leader !== NO_LEADER && !isr.includes(leader)) {
    isr = [...isr, leader];
    elr = elr.filter((id) => id !== leader);
    if (isr.length >= minIsrOf(target, rules)) elr = [];
  }
  if (isr.length === 0 && !rules.isElrEnabled) isr = partition.isr;
  const isLeaderless = isr.length === 0 && partition.leader !== NO_LEADER;
  // The last leader has the longest log; when all others are gone for good it is the one to wait for.
  if (rules.isElrEnabled && isLeaderless) lastKnownElr = [partition.leader];
  else if (isr.length > 0) lastKnownElr = [];
  return changeRecord(target, rules, { leader, isUnclean, isr, elr, lastKnownElr });
}

/** The target with the replicas that it will have: every change may be the last step of a reassignment. */
function withReplicas(target: PartitionTarget): MovedTarget {
  const { partition, move } = target;
  const replicaSet: ReplicaSet = move ?? partition;
  const completed = completedReassignment(replicaSet, target.isr);
  if (completed === null) return { ...target, replicaSet };
  const { replicas, isr } = completed;
  return { ...target, isr, replicaSet: { replicas, addingReplicas: [], removingReplicas: [] } };
}

interface MovedTarget extends PartitionTarget {
  readonly replicaSet: ReplicaSet;
}

interface Outcome extends Elected {
  readonly isr: readonly NodeId[];
  readonly elr: readonly NodeId[];
  readonly lastKnownElr: readonly NodeId[];
}

function changeRecord(target: MovedTarget, rules: ElectionRules, outcome: Outcome): MetadataRecord | null {
  const { partition, topicId, index, replicaSet } = target;
  const isrShrank = partition.isr.some((id) => !outcome.isr.includes(id));
  // A replica that leaves must not go on as a follower of the epoch.
  const losesReplica = partition.replicas.some((id) => !replicaSet.replicas.includes(id));
  const bumpsEpoch =
    outcome.leader !== partition.leader ||
    losesReplica ||
    (isrShrank && rules.isLeaderEpochBumpRequiredOnIsrShrink);
  const version = rules.partitionChangeRecordVersion;
  const recovery = outcome.isUnclean ? LEADER_RECOVERING : partition.leaderRecoveryState;
  const fields = {
    isr: changed(partition.isr, outcome.isr),
    leader: bumpsEpoch ? outcome.leader : NO_LEADER_CHANGE,
    leaderRecoveryState: recovery === partition.leaderRecoveryState ? -1 : recovery,
    eligibleLeaderReplicas: version >= 2 ? changed(partition.elr, outcome.elr) : null,
    lastKnownElr: version >= 2 ? changed(partition.lastKnownElr, outcome.lastKnownElr) : null,
    ...movedReplicas(target, version),
  };
  const isSame = Object.entries(fields).every(
    ([name, value]) =>
      value === null ||
      (name === "leader" && value === NO_LEADER_CHANGE) ||
      (name === "leaderRecoveryState" && value === -1),
  );
  if (isSame) return null;
  return metadataRecord("PartitionChangeRecord", version, { partitionId: index, topicId, ...fields });
}

/** Null, "as before", for what stays. */
function movedReplicas({ partition, move, replicaSet }: MovedTarget, version: number) {
  const replicas = changed(partition.replicas, replicaSet.replicas);
  const directories = replicas?.map((id) => {
    const before = partition.directories[partition.replicas.indexOf(id)];
    return before ?? move?.directoryOf(id) ?? DIRECTORY_UNASSIGNED;
  });
  return {
    replicas,
    removingReplicas: changed(partition.removingReplicas, replicaSet.removingReplicas),
    addingReplicas: changed(partition.addingReplicas, replicaSet.addingReplicas),
    directories: (version >= 1 ? directories : null) ?? null,
  };
}

function minIsrOf(target: MovedTarget, rules: ElectionRules): number {
  return Math.min(rules.minInsyncReplicas, target.replicaSet.replicas.length);
}

/** ELR: who was in sync when the ISR fell below its minimum, and has not lost data since. */
function eligibleReplicas(
  target: MovedTarget,
  rules: ElectionRules,
): { elr: readonly NodeId[]; lastKnownElr: readonly NodeId[] } {
  const { partition, isr, uncleanShutdownBroker } = target;
  if (!rules.isElrEnabled || isr.length >= minIsrOf(target, rules)) return { elr: [], lastKnownElr: [] };
  const candidates = new Set([...partition.elr, ...partition.isr]);
  const elr = [...candidates].filter(
    (id) => !isr.includes(id) && id !== uncleanShutdownBroker && target.replicaSet.replicas.includes(id),
  );
  return { elr, lastKnownElr: partition.lastKnownElr };
}

function elect(target: MovedTarget, elr: readonly NodeId[], rules: ElectionRules): Elected {
  const { partition, isr } = target;
  const { replicas } = target.replicaSet;
  const isSafe = (id: NodeId): boolean =>
    (isr.includes(id) || (rules.isElrEnabled && elr.includes(id))) && rules.isAcceptableLeader(id);
  const first = replicas[0];
  if (target.prefersFirst === true && first !== undefined && isSafe(first))
    return { leader: first, isUnclean: false };
  if (isSafe(partition.leader)) return { leader: partition.leader, isUnclean: false };
  const safe = replicas.find(isSafe);
  if (safe !== undefined) return { leader: safe, isUnclean: false };
  const lastLeader = partition.lastKnownElr[0];
  const isLastLeaderAlone = isr.length === 0 && elr.length === 0 && partition.lastKnownElr.length === 1;
  if (
    rules.isElrEnabled &&
    isLastLeaderAlone &&
    lastLeader !== undefined &&
    rules.isAcceptableLeader(lastLeader)
  ) {
    return { leader: lastLeader, isUnclean: true };
  }
  const any = rules.isUncleanElectionEnabled ? replicas.find(rules.isAcceptableLeader) : undefined;
  return any === undefined ? { leader: NO_LEADER, isUnclean: false } : { leader: any, isUnclean: true };
}

/** Null, "as before", when the two hold the same. */
function changed(before: readonly NodeId[], after: readonly NodeId[]): NodeId[] | null {
  const isSame = before.length === after.length && before.every((id, index) => id === after[index]);
  return isSame ? null : [...after];
}
