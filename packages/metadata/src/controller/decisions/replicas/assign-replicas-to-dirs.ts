// AssignReplicasToDirs (73): a broker tells in which of its log directories its replicas lie (KIP-858), so
// that the controller knows what is lost with a directory. A replica in a directory that is not online any
// more can neither lead nor be in sync. Each partition alone.
import {
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  type ErrorSpec,
  errors,
  makeAssignReplicasToDirsResponse,
  type NodeId,
  type Uuid,
} from "@ottla/protocol";
import type { MetadataRecord } from "../../../records/metadata-record.ts";
import { metadataRecord } from "../../../records/metadata-record.ts";
import type { Decision } from "../../decision.ts";
import { electionRules } from "../../partition/election-rules.ts";
import { partitionChange } from "../../partition/partition-change.ts";
import { brokerEpochError } from "../broker-epoch.ts";
import { type Decider, type DecisionContext, noChange } from "../decision-context.ts";

export const assignReplicasToDirs: Decider<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse> = {
  decide: decideAssignReplicasToDirs,
  failed: (_request, error) => makeAssignReplicasToDirsResponse({ errorCode: error.code }),
};

function decideAssignReplicasToDirs(
  context: DecisionContext,
  request: AssignReplicasToDirsRequest,
): Decision<AssignReplicasToDirsResponse> {
  const { state } = context;
  const { metadataVersion } = state.image.features;
  const refusal = metadataVersion.isDirectoryAssignmentSupported
    ? brokerEpochError(state, request.brokerId, request.brokerEpoch)
    : errors.UNSUPPORTED_VERSION;
  if (refusal !== null) return noChange(assignReplicasToDirs.failed(request, refusal, null));
  const records: MetadataRecord[] = [];
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => {
        const place = { brokerId: request.brokerId as NodeId, directory: id, topicId, index: partitionIndex };
        const { code: errorCode } = assign(context, place, records);
        return { partitionIndex, errorCode };
      }),
    })),
  }));
  // Partitions are assigned each for itself.
  return { records, response: makeAssignReplicasToDirsResponse({ directories }), atomic: false };
}

interface Place {
  readonly brokerId: NodeId;
  readonly directory: Uuid;
  readonly topicId: Uuid;
  readonly index: number;
}

function assign(
  { state, topicSettings }: DecisionContext,
  { brokerId, directory, topicId, index }: Place,
  records: MetadataRecord[],
): ErrorSpec {
  const { image } = state;
  const topic = image.topics.byId(topicId);
  if (topic === null) return errors.UNKNOWN_TOPIC_ID;
  const partition = topic.partitions[index];
  if (partition === undefined) return errors.UNKNOWN_TOPIC_OR_PARTITION;
  const at = partition.replicas.indexOf(brokerId);
  if (at < 0) return errors.NOT_LEADER_OR_FOLLOWER;
  const rules = electionRules({ image, topicSettings }, topic.name);
  if (partition.directories[at] !== directory) {
    const directories = partition.directories.with(at, directory);
    const version = rules.partitionChangeRecordVersion;
    records.push(
      metadataRecord("PartitionChangeRecord", version, { partitionId: index, topicId, directories }),
    );
  }
  if (image.cluster.brokers.get(brokerId)?.directories.includes(directory) === false) {
    const isr = partition.isr.filter((id) => id !== brokerId);
    const mayLead = (id: NodeId): boolean => id !== brokerId && rules.isAcceptableLeader(id);
    const lost = partitionChange(
      { topicId, index, partition, isr, uncleanShutdownBroker: null },
      { ...rules, isAcceptableLeader: mayLead },
    );
    if (lost !== null) records.push(lost);
  }
  return errors.NONE;
}
