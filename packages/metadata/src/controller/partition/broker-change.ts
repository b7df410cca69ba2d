// What a change of one broker means for its partitions: it left, came, or came back without knowing whether
// its data is whole. Builds the records; which change it is, the decisions say.
import type { BrokerEpoch, NodeId, Uuid } from "@ottla/protocol";
import type { BrokerRegistration } from "../../image/cluster-image.ts";
import { NO_LEADER } from "../../image/topics-image.ts";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";
import type { ControllerState, PlacedPartition } from "../controller-state.ts";
import type { TopicSettings } from "../topic-settings.ts";
import { electionRules } from "./election-rules.ts";
import { type ElectionRules, partitionChange } from "./partition-change.ts";

/** What partitions need to know besides the state. */
export interface BrokerChangeContext {
  readonly state: ControllerState;
  readonly topicSettings: TopicSettings;
}

/** The broker may no longer lead or be in sync. */
export function brokerLeaves(context: BrokerChangeContext, brokerId: NodeId): MetadataRecord[] {
  return changes(context, brokerId, (id) => id !== brokerId, { leavesIsr: true, isUnclean: false });
}

/**
 * The broker came back from a shutdown that it did not end cleanly: it may have lost what it acknowledged.
 */
export function brokerShutDownUncleanly(context: BrokerChangeContext, brokerId: NodeId): MetadataRecord[] {
  const isUnclean = context.state.image.features.metadataVersion.isElrSupported;
  return changes(context, brokerId, (id) => id !== brokerId, { leavesIsr: true, isUnclean });
}

/** The broker may lead again: partitions without a leader get one. */
export function brokerJoins(context: BrokerChangeContext, brokerId: NodeId): MetadataRecord[] {
  return changes(context, brokerId, () => true, {
    leavesIsr: false,
    isUnclean: false,
    joiningBroker: brokerId,
  });
}

/** Log directories of a broker went offline: its replicas there can no longer lead or be in sync. */
export function directoriesFail(
  context: BrokerChangeContext,
  brokerId: NodeId,
  offline: ReadonlySet<Uuid>,
): MetadataRecord[] {
  const isHit = ({ partition }: PlacedPartition): boolean => {
    const directory = partition.directories[partition.replicas.indexOf(brokerId)];
    return directory !== undefined && offline.has(directory);
  };
  return changes(context, brokerId, (id) => id !== brokerId, { leavesIsr: true, isUnclean: false, isHit });
}

interface Change {
  readonly leavesIsr: boolean;
  readonly isUnclean: boolean;
  /** Counts as active already. */
  readonly joiningBroker?: NodeId;
  /** Default: every partition of the broker. */
  readonly isHit?: (placed: PlacedPartition) => boolean;
}

function changes(
  { state, topicSettings }: BrokerChangeContext,
  brokerId: NodeId,
  mayLead: (id: NodeId) => boolean,
  change: Change,
): MetadataRecord[] {
  const { image } = state;
  const isActive = (id: NodeId): boolean => id === change.joiningBroker || image.cluster.isActive(id);
  const records: MetadataRecord[] = [];
  for (const placed of state.partitionsOf(brokerId)) {
    const { topic, index, partition } = placed;
    if (change.isHit?.(placed) === false) continue;
    const inIsr = partition.isr.includes(brokerId);
    const concerns = change.leavesIsr
      ? inIsr || (change.isUnclean && partition.elr.includes(brokerId))
      : partition.leader === NO_LEADER;
    if (!concerns) continue;
    const rules: ElectionRules = {
      ...electionRules({ image, topicSettings }, topic.name),
      isAcceptableLeader: (id) => mayLead(id) && isActive(id),
    };
    const isr = change.leavesIsr ? partition.isr.filter((id) => id !== brokerId) : partition.isr;
    const uncleanShutdownBroker = change.isUnclean ? brokerId : null;
    const record = partitionChange(
      { topicId: topic.id, index, partition, isr, uncleanShutdownBroker },
      rules,
    );
    if (record !== null) records.push(record);
  }
  return records;
}

/** Changes of a registration, in the lowest record version that can tell them. */
export function registrationChange(
  broker: BrokerRegistration,
  fields: {
    readonly fenced?: boolean;
    readonly inControlledShutdown?: boolean;
    readonly logDirs?: readonly Uuid[];
    readonly cordonedLogDirs?: readonly Uuid[];
  },
): MetadataRecord {
  const { fenced, inControlledShutdown, logDirs, cordonedLogDirs } = fields;
  const version =
    cordonedLogDirs !== undefined
      ? 3
      : logDirs !== undefined
        ? 2
        : inControlledShutdown !== undefined
          ? 1
          : 0;
  return metadataRecord("BrokerRegistrationChangeRecord", version, {
    brokerId: broker.id,
    brokerEpoch: BigInt(broker.epoch satisfies BrokerEpoch),
    fenced: flag(fenced),
    inControlledShutdown: flag(inControlledShutdown),
    logDirs: logDirs === undefined ? [] : [...logDirs],
    cordonedLogDirs: cordonedLogDirs === undefined ? null : [...cordonedLogDirs],
  });
}

function flag(value: boolean | undefined): number {
  if (value === undefined) return 0;
  return value ? 1 : -1;
}
