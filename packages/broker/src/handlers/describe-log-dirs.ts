// DescribeLogDirs, key 35, versions 1 to 5. What lies in each log directory of this broker: logs with their
// sizes, and the room of the file system.
// - Needs DESCRIBE on the cluster: CLUSTER_AUTHORIZATION_FAILED and no directory else.
// - Every log directory is told, also one without any of the partitions asked for; null asks for all.
// - KAFKA_STORAGE_ERROR for a directory that is offline.
// - v2 flexible. v3 error code of the whole. v4 total and usable bytes (KIP-827). v5 cordoned (KIP-1066).
// Known gap: no partition moves between directories, so none is a future one and none lags.
import type { LogDirectory } from "@ottla/log";
import { DiskError } from "@ottla/ports";
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
  const wanted = wantedPartitions(request);
  const cordoned = broker.metadata.image.cluster.brokers.get(broker.nodeId)?.cordonedDirectories ?? [];
  const results = broker.logs.directories.map((directory) => ({
    ...describe(directory, wanted),
    isCordoned: directory.id !== null && cordoned.includes(directory.id),
  }));
  reply(makeDescribeLogDirsResponse({ results }));
}

export function describeLogDirsErrorReply(
  _request: DescribeLogDirsRequest,
  error: ErrorSpec,
): DescribeLogDirsResponse {
  return makeDescribeLogDirsResponse({ errorCode: error.code });
}

/** Null: all. */
function wantedPartitions({ topics }: DescribeLogDirsRequest): Map<string, Set<number>> | null {
  if (topics === null) return null;
  const wanted = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) {
    const indexes = wanted.get(topic) ?? new Set();
    for (const index of partitions) indexes.add(index);
    wanted.set(topic, indexes);
  }
  return wanted;
}

function describe(
  directory: LogDirectory,
  wanted: ReadonlyMap<string, ReadonlySet<number>> | null,
): Omit<Result, "isCordoned"> {
  const failed = {
    errorCode: errors.KAFKA_STORAGE_ERROR.code,
    logDir: directory.path,
    topics: [],
    totalBytes: unknownBytes,
    usableBytes: unknownBytes,
  };
  if (!directory.isOnline) return failed;
  try {
    const { totalBytes, freeBytes } = directory.space();
    return {
      errorCode: 0,
      logDir: directory.path,
      topics: topicsIn(directory, wanted),
      totalBytes: BigInt(totalBytes),
      usableBytes: BigInt(freeBytes),
    };
  } catch (error) {
    // The directory itself cannot be asked; what else is wrong with it, its own work will find.
    if (!(error instanceof DiskError)) throw error;
    return failed;
  }
}

function topicsIn(directory: LogDirectory, wanted: ReadonlyMap<string, ReadonlySet<number>> | null): Topic[] {
  const topics = new Map<string, Topic>();
  for (const log of directory.logs.values()) {
    if (wanted !== null && wanted.get(log.topic)?.has(log.partition) !== true) continue;
    const topic = topics.get(log.topic) ?? { name: log.topic, partitions: [] };
    topics.set(log.topic, topic);
    topic.partitions.push({
      partitionIndex: log.partition,
      partitionSize: BigInt(log.sizeInBytes),
      offsetLag: 0n,
      isFutureKey: false,
    });
  }
  return [...topics.values()];
}
