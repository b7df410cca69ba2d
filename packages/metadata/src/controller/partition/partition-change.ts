// What becomes of a partition when brokers go or come: its leader, in-sync and eligible replicas (KIP-966),
// as one PartitionChangeRecord, or none when nothing changes. All branching on leader election is here. Pure.
// Not here: which partitions are affected (broker-change.ts), what the record does
// (../../image/topics-delta.ts).
import type { NodeId, Uuid } from "@ottla/protocol";
import { NO_LEADER_CHANGE } from "../../image/topics-delta.ts";
import { LEADER_RECOVERING, NO_LEADER, type PartitionRegistration } from "../../image/topics-image.ts";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";

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
}

interface Elected {
  readonly leader: NodeId;
  readonly isUnclean: boolean;
}

/** Null when the partition stays as it is. */
export function partitionChange(target: PartitionTarget, rules: ElectionRules): MetadataRecord | null {
  const { partition } = target;
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

interface Outcome extends Elected {
  readonly isr: readonly NodeId[];
  readonly elr: readonly NodeId[];
  readonly lastKnownElr: readonly NodeId[];
}

function changeRecord(
  target: PartitionTarget,
  rules: ElectionRules,
  outcome: Outcome,
): MetadataRecord | null {
  const { partition, topicId, index } = target;
  const isrShrank = partition.isr.some((id) => !outcome.isr.includes(id));
  const bumpsEpoch =
    outcome.leader !== partition.leader || (isrShrank && rules.isLeaderEpochBumpRequiredOnIsrShrink);
  const version = rules.partitionChangeRecordVersion;
  const recovery = outcome.isUnclean ? LEADER_RECOVERING : partition.leaderRecoveryState;
  const fields = {
    isr: changed(partition.isr, outcome.isr),
    leader: bumpsEpoch ? outcome.leader : NO_LEADER_CHANGE,
    leaderRecoveryState: recovery === partition.leaderRecoveryState ? -1 : recovery,
    eligibleLeaderReplicas: version >= 2 ? changed(partition.elr, outcome.elr) : null,
    lastKnownElr: version >= 2 ? changed(partition.lastKnownElr, outcome.lastKnownElr) : null,
  };
  const isSame =
    fields.isr === null &&
    fields.leader === NO_LEADER_CHANGE &&
    fields.leaderRecoveryState === -1 &&
    fields.eligibleLeaderReplicas === null &&
    fields.lastKnownElr === null;
  if (isSame) return null;
  return metadataRecord("PartitionChangeRecord", version, { partitionId: index, topicId, ...fields });
}

function minIsrOf(target: PartitionTarget, rules: ElectionRules): number {
  return Math.min(rules.minInsyncReplicas, target.partition.replicas.length);
}

/** ELR: who was in sync when the ISR fell below its minimum, and has not lost data since. */
function eligibleReplicas(
  target: PartitionTarget,
  rules: ElectionRules,
): { elr: readonly NodeId[]; lastKnownElr: readonly NodeId[] } {
  const { partition, isr, uncleanShutdownBroker } = target;
  if (!rules.isElrEnabled || isr.length >= minIsrOf(target, rules)) return { elr: [], lastKnownElr: [] };
  const candidates = new Set([...partition.elr, ...partition.isr]);
  const elr = [...candidates].filter((id) => !isr.includes(id) && id !== uncleanShutdownBroker);
  return { elr, lastKnownElr: partition.lastKnownElr };
}

function elect(target: PartitionTarget, elr: readonly NodeId[], rules: ElectionRules): Elected {
  const { partition, isr } = target;
  const isSafe = (id: NodeId): boolean =>
    (isr.includes(id) || (rules.isElrEnabled && elr.includes(id))) && rules.isAcceptableLeader(id);
  if (isSafe(partition.leader)) return { leader: partition.leader, isUnclean: false };
  const safe = partition.replicas.find(isSafe);
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
  const any = rules.isUncleanElectionEnabled ? partition.replicas.find(rules.isAcceptableLeader) : undefined;
  return any === undefined ? { leader: NO_LEADER, isUnclean: false } : { leader: any, isUnclean: true };
}

/** Null, "as before", when the two hold the same. */
function changed(before: readonly NodeId[], after: readonly NodeId[]): NodeId[] | null {
  const isSame = before.length === after.length && before.every((id, index) => id === after[index]);
  return isSame ? null : [...after];
}
