// AlterReplicaLogDirs, key 34, versions 1 to 2. Moves replicas of this broker to other log directories of it
// (KIP-113): a replica is copied beside the one in use and takes its place when it has caught up.
// - Needs ALTER on the cluster: CLUSTER_AUTHORIZATION_FAILED for every partition else.
// - Answered when the copies have their place; the copying takes its time.
// - INVALID_TOPIC_EXCEPTION where the copy's name would be too long, LOG_DIR_NOT_FOUND for a directory that
// is not configured, KAFKA_STORAGE_ERROR for one that is offline, INVALID_REPLICA_ASSIGNMENT for a cordoned
// one (KIP-1066).
// - A partition that is not there: UNKNOWN_TOPIC_OR_PARTITION, or REPLICA_NOT_AVAILABLE when it exists; the
// wish is remembered until it is made here.
// - Of a partition named twice the last directory counts.
// - v2 flexible.
import { canHaveFutureDirectory, type LogDirectory, type PartitionLog } from "@ottla/log";
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type AlterReplicaLogDirsRequest,
  type AlterReplicaLogDirsResponse,
  type ErrorSpec,
  errors,
  makeAlterReplicaLogDirsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";
import { findPartition } from "../partition/find-partition.ts";

/** Paths by topic and partition. */
type Wishes = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** A move that may begin. */
interface Move {
  readonly log: PartitionLog;
  readonly directory: LogDirectory;
}

export function handleAlterReplicaLogDirs(
  broker: BrokerServices,
  context: RequestContext,
  request: AlterReplicaLogDirsRequest,
  reply: Reply<AlterReplicaLogDirsResponse>,
): void {
  if (!context.isAllowed("ALTER", "CLUSTER", clusterResourceName)) {
    reply(alterReplicaLogDirsErrorReply(request, errors.CLUSTER_AUTHORIZATION_FAILED));
    return;
  }
  context.inSlices(judgeAll(broker, request), ({ results, moves }) => {
    let left = moves.length;
    const answer = (): void => reply(makeAlterReplicaLogDirsResponse({ results }));
    if (left === 0) answer();
    for (const { log, directory } of moves) {
      broker.logs.moves.move(log, directory, () => {
        left -= 1;
        if (left === 0) answer();
      });
    }
  });
}

export function alterReplicaLogDirsErrorReply(
  request: AlterReplicaLogDirsRequest,
  error: ErrorSpec,
): AlterReplicaLogDirsResponse {
  const results = [...runToEnd(wishesOf(request))].map(([topicName, partitions]) => ({
    topicName,
    partitions: [...partitions.keys()].map((partitionIndex) => ({ partitionIndex, errorCode: error.code })),
  }));
  return makeAlterReplicaLogDirsResponse({ results });
}

function runToEnd<T>(pieces: Pieces<T>): T {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
  }
}

function* wishesOf({ dirs }: AlterReplicaLogDirsRequest): Pieces<Wishes> {
  const wishes = new Map<string, Map<number, string>>();
  let items = 0;
  for (const { path, topics } of dirs) {
    for (const { name, partitions } of topics) {
      if (endsPiece(++items)) yield;
      if (partitions.length === 0) continue;
      const byPartition = wishes.get(name) ?? new Map<number, string>();
      wishes.set(name, byPartition);
      for (const index of partitions) {
        byPartition.set(index, path);
        if (endsPiece(++items)) yield;
      }
    }
  }
  return wishes;
}

function* judgeAll(
  broker: BrokerServices,
  request: AlterReplicaLogDirsRequest,
): Pieces<{ readonly results: AlterReplicaLogDirsResponse["results"]; readonly moves: readonly Move[] }> {
  const wishes = yield* wishesOf(request);
  const results: AlterReplicaLogDirsResponse["results"] = [];
  const moves: Move[] = [];
  let items = 0;
  for (const [topicName, byPartition] of wishes) {
    const partitions: (typeof results)[number]["partitions"] = [];
    for (const [partitionIndex, path] of byPartition) {
      const verdict = judge(broker, topicName, partitionIndex, path);
      if ("log" in verdict) moves.push(verdict);
      const { code: errorCode } = "log" in verdict ? errors.NONE : verdict;
      partitions.push({ partitionIndex, errorCode });
      if (endsPiece(++items)) yield;
    }
    results.push({ topicName, partitions });
  }
  return { results, moves };
}

function judge(broker: BrokerServices, topic: string, index: number, path: string): Move | ErrorSpec {
  if (!canHaveFutureDirectory(topic, index)) return errors.INVALID_TOPIC_EXCEPTION;
  const directory = broker.logs.directoryAt(path);
  if (directory === null) return errors.LOG_DIR_NOT_FOUND;
  if (!directory.isOnline) return errors.KAFKA_STORAGE_ERROR;
  if (broker.directorySettings.isCordoned(path)) return errors.INVALID_REPLICA_ASSIGNMENT;
  const partition = findPartition(broker, topic, index);
  if ("code" in partition) {
    broker.logs.prefer(topic, index, path);
    return partition === errors.NOT_LEADER_OR_FOLLOWER ? errors.REPLICA_NOT_AVAILABLE : partition;
  }
  const { log } = partition;
  if (log === null || !log.isWritable) return errors.KAFKA_STORAGE_ERROR;
  return { log, directory };
}
