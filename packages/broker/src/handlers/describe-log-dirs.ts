// DescribeLogDirs, key 35, versions 1 to 5. What lies in each log directory of this broker: logs with their
// sizes, and the room of the file system.
// - Needs DESCRIBE on the cluster: CLUSTER_AUTHORIZATION_FAILED and no directory else.
// - Every log directory is told, also one without any of the partitions asked for; null asks for all.
// - KAFKA_STORAGE_ERROR for a directory that is offline.
// - v2 flexible. v3 error code of the whole. v4 total and usable bytes (KIP-827). v5 cordoned (KIP-1066).
// - A replica on its way to another directory is told in both; the copy with its lag behind the one in use.
import type { LogDirectory } from "@ottla/log";
import { DiskError, type DiskSpace, endsPiece, type Pieces } from "@ottla/ports";
import {
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
  type ErrorSpec,
  errors,
  makeDescribeLogDirsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

type Result = DescribeLogDirsResponse.DescribeLogDirsResult;
type Topic = DescribeLogDirsResponse.DescribeLogDirsTopic;

/** By topic; null: all. */
type Wanted = ReadonlyMap<string, ReadonlySet<number>> | null;

const unknownBytes = -1n;

export function handleDescribeLogDirs(
  broker: BrokerServices,
  context: RequestContext,
  request: DescribeLogDirsRequest,
  reply: Reply<DescribeLogDirsResponse>,
): void {
  if (!context.isAllowed("DESCRIBE", "CLUSTER", clusterResourceName)) {
    reply(describeLogDirsErrorReply(request, errors.CLUSTER_AUTHORIZATION_FAILED));
    return;
  }
  context.inSlices(describeAll(broker, request), (results) =>
    reply(makeDescribeLogDirsResponse({ results })),
  );
}

export function describeLogDirsErrorReply(
  _request: DescribeLogDirsRequest,
  error: ErrorSpec,
): DescribeLogDirsResponse {
  return makeDescribeLogDirsResponse({ errorCode: error.code });
}

function* describeAll(broker: BrokerServices, request: DescribeLogDirsRequest): Pieces<Result[]> {
  const wanted = yield* wantedPartitions(request);
  const results: Result[] = [];
  for (const directory of broker.logs.directories) {
    const isCordoned = broker.directorySettings.isCordoned(directory.path);
    const room = roomIn(directory);
    const topics = room === null ? [] : yield* topicsIn(broker, directory, wanted);
    results.push({
      errorCode: (room === null ? errors.KAFKA_STORAGE_ERROR : errors.NONE).code,
      logDir: directory.path,
      topics,
      totalBytes: room === null ? unknownBytes : BigInt(room.totalBytes),
      usableBytes: room === null ? unknownBytes : BigInt(room.freeBytes),
      isCordoned,
    });
  }
  return results;
}

/** Null: all. */
function* wantedPartitions({ topics }: DescribeLogDirsRequest): Pieces<Wanted> {
  if (topics === null) return null;
  const wanted = new Map<string, Set<number>>();
  let items = 0;
  for (const { topic, partitions } of topics) {
    const indexes = wanted.get(topic) ?? new Set();
    wanted.set(topic, indexes);
    for (const index of partitions) {
      indexes.add(index);
      if (endsPiece(++items)) yield;
    }
    if (endsPiece(++items)) yield;
  }
  return wanted;
}

/** Null for a directory that is offline, or whose disk does not answer: its own work will find why. */
function roomIn(directory: LogDirectory): DiskSpace | null {
  if (!directory.isOnline) return null;
  try {
    return directory.space();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return null;
  }
}

function* topicsIn(broker: BrokerServices, directory: LogDirectory, wanted: Wanted): Pieces<Topic[]> {
  const topics = new Map<string, Topic>();
  let items = 0;
  for (const log of directory.logs.values()) {
    if (endsPiece(++items)) yield;
    if (wanted !== null && wanted.get(log.topic)?.has(log.partition) !== true) continue;
    const topic = topics.get(log.topic) ?? { name: log.topic, partitions: [] };
    topics.set(log.topic, topic);
    const current = broker.logs.log(log.topic, log.partition);
    // A log that was replaced is here until its directory has another name.
    const isFuture = current !== log && current !== null && broker.logs.moves.futureOf(current) === log;
    if (current !== log && !isFuture) continue;
    topic.partitions.push({
      partitionIndex: log.partition,
      partitionSize: BigInt(log.sizeInBytes),
      offsetLag: BigInt(isFuture ? current.logEndOffset - log.logEndOffset : 0),
      isFutureKey: isFuture,
    });
  }
  return [...topics.values()];
}
