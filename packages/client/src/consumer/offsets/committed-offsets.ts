// OffsetFetch: the committed offsets of the group, one attempt.
import {
  errorForCode,
  errors,
  makeOffsetFetchRequest,
  makeOffsetFetchRequestOffsetFetchRequestGroup,
  makeOffsetFetchRequestOffsetFetchRequestTopics,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from "@ottla/protocol";
import { groupByTopic, type TopicPartition } from "../../assignors/topic-partition.ts";
import { errorOfRpc, KafkaError } from "../../errors/kafka-error.ts";
import { offsetFetchApi } from "../consumer-apis.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { nameOf } from "../fetch/fetch-errors.ts";
import type { GroupCoordinator } from "../membership/group-coordinator.ts";
import { TopicPartitionMap } from "../topic-partition-map.ts";
import type { CommittedOffset } from "./offset-and-metadata.ts";

/** Topics go by name up to here. */
const BY_NAME_VERSION_MAX = 9;
const GROUPS_VERSION = 8;
const STABLE_VERSION = 7;

/** Null where nothing is committed. */
export type CommittedOffsets = TopicPartitionMap<CommittedOffset | null>;

/** `done` runs once, in a later turn. The coordinator must be known. */
export function fetchCommitted(
  context: ConsumerContext,
  coordinator: GroupCoordinator,
  partitions: readonly TopicPartition[],
  done: (result: CommittedOffsets | KafkaError) => void,
): void {
  const build = (version: number): OffsetFetchRequest => requestOf(coordinator.groupId, partitions, version);
  coordinator.send(offsetFetchApi, build, { versionMax: BY_NAME_VERSION_MAX }, (result) => {
    if (result.kind === "failed") {
      done(errorOfRpc(result.error));
      return;
    }
    done(answerOf(context, coordinator, partitions, result.response, result.version));
  });
}

function requestOf(
  groupId: string,
  partitions: readonly TopicPartition[],
  version: number,
): OffsetFetchRequest {
  const topics = groupByTopic(partitions).map(({ topic: name, partitions: partitionIndexes }) =>
    makeOffsetFetchRequestOffsetFetchRequestTopics({ name, partitionIndexes }),
  );
  const requireStable = version >= STABLE_VERSION;
  if (version >= GROUPS_VERSION) {
    const group = makeOffsetFetchRequestOffsetFetchRequestGroup({ groupId, topics });
    return makeOffsetFetchRequest({ groups: [group], requireStable });
  }
  return makeOffsetFetchRequest({
    groupId,
    topics: topics.map(({ name, partitionIndexes }) => ({ name, partitionIndexes })),
    requireStable,
  });
}

function answerOf(
  context: ConsumerContext,
  coordinator: GroupCoordinator,
  partitions: readonly TopicPartition[],
  response: OffsetFetchResponse,
  version: number,
): CommittedOffsets | KafkaError {
  const group = response.groups.find(({ groupId }) => groupId === coordinator.groupId);
  const errorCode = version >= GROUPS_VERSION ? (group?.errorCode ?? 0) : response.errorCode;
  if (errorCode !== errors.NONE.code) {
    coordinator.notice(errorCode);
    return new KafkaError(errorForCode(errorCode));
  }
  const committed: CommittedOffsets = new TopicPartitionMap(partitions.map((partition) => [partition, null]));
  const topics = version >= GROUPS_VERSION ? (group?.topics ?? []) : response.topics;
  for (const { name: topic, partitions: answers } of topics) {
    for (const each of answers) {
      const partition = { topic, partition: each.partitionIndex };
      if (each.errorCode !== errors.NONE.code) return partitionError(context, partition, each.errorCode);
      if (each.committedOffset < 0n || !committed.has(partition)) continue;
      committed.set(partition, {
        offset: Number(each.committedOffset),
        leaderEpoch: each.committedLeaderEpoch < 0 ? null : each.committedLeaderEpoch,
        metadata: each.metadata ?? "",
      });
    }
  }
  return committed;
}

function partitionError(context: ConsumerContext, partition: TopicPartition, errorCode: number): KafkaError {
  const spec = errorForCode(errorCode);
  const origin = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";
  context.logger.debug(`Failed to fetch offset for partition ${nameOf(partition)}: ${spec.name}`, origin);
  if (errorCode === errors.TOPIC_AUTHORIZATION_FAILED.code) {
    return new KafkaError(spec, `Not authorized to access topics: [${partition.topic}]`);
  }
  if (errorCode === errors.UNKNOWN_TOPIC_OR_PARTITION.code) {
    return new KafkaError(errors.UNKNOWN_SERVER_ERROR, "Topic or Partition does not exist");
  }
  return new KafkaError(spec);
}
