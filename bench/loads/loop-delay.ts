// How late Ottla's event loop is where it has most to do: flat out, while logs are compacted, while a
// coordinator reads its partition. A broker with threads has no such figure.
import {
  apiKeys,
  type FindCoordinatorResponse,
  makeFindCoordinatorRequest,
  makeOffsetCommitRequest,
  type OffsetCommitResponse,
} from "@ottla/protocol";
import { type Client, withClients } from "../client/client.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, warmUpSeconds } from "./measured-work.ts";

const partitions = 16;
const measuredSeconds = 30;
const compactedPartitions = 4;
const groupCount = 100;
const offsetsInGroup = 1000;
const findVersion = 1;
const commitVersion = 7;
const cleanings = "ottla_log_cleaner_cleanings_total";
const loadedRecords = "ottla_coordinator_loaded_records_total";

export const loopDelay: Load = {
  name: "loop-delay",
  about:
    "event loop delay, probed every 5 ms: 64 kB batches flat out with four consumers; compaction; a load",
  peers: ["ottla", "ottla-page-cache"],
  properties: ["offsets.topic.num.partitions=1", "log.cleaner.backoff.ms=200"],
  withLoopProbe: true,
  async run(peer, scale): Promise<Figures> {
    return await withClients(2, async (producer, consumer) => ({
      ...(await underLoad(peer, producer, consumer, scale)),
      ...(await inCompaction(peer, producer, scale)),
      ...(await inLoadOfOffsets(peer)),
    }));
  },
};

async function delayFigures(peer: Peer, when: string): Promise<Figures> {
  const delays = await peer.takeLoopDelays();
  if (delays === null) throw new Error("no probe in the broker");
  return {
    [`loop delay p50 ms ${when}`]: delays.percentile(0.5),
    [`loop delay p99 ms ${when}`]: delays.percentile(0.99),
    [`loop delay p99.9 ms ${when}`]: delays.percentile(0.999),
    [`loop delay longest ms ${when}`]: delays.percentile(1),
  };
}

async function underLoad(peer: Peer, producer: Client, consumer: Client, scale: number): Promise<Figures> {
  const topic = "flat-out";
  await createTopics(peer, { [topic]: partitions });
  const from = new Array<number>(partitions).fill(0);
  const shape = { recordsPerBatch: 64, valueBytes: 1000, acks: -1, inFlight: 5 };
  const order = { port: peer.port, topic, partitions, connections: partitions, ...shape };
  const both = async (seconds: number): Promise<number> => {
    const tail = { port: peer.port, topic, partitions, consumers: 4, from: [...from], seconds };
    const [{ records, bytes }] = await Promise.all([
      producer.run("produce", { ...order, seconds }),
      consumer.run("tail", tail),
    ]);
    for (let at = 0; at < partitions; at++) from[at] = (from[at] ?? 0) + (records[at] ?? 0);
    return bytes / 1e6 / seconds;
  };
  await both(warmUpSeconds * scale);
  await peer.takeLoopDelays();
  const megabytesPerSecond = await both(measuredSeconds * scale);
  return { ...(await delayFigures(peer, "under load")), "produce MB/s under load": megabytesPerSecond };
}

async function inCompaction(peer: Peer, client: Client, scale: number): Promise<Figures> {
  const topic = "compacted";
  const connection = await RawConnection.open(peer.port);
  await createTopic(connection, topic, compactedPartitions, 500, {
    "cleanup.policy": "compact",
    "segment.bytes": String(4 << 20),
    "min.cleanable.dirty.ratio": "0.01",
  });
  connection.close();
  const shape = { recordsPerBatch: 100, valueBytes: 100, acks: -1, inFlight: 1, keys: 50_000, rate: 2000 };
  const order = { port: peer.port, topic, partitions: compactedPartitions, connections: 4, ...shape };
  await client.run("produce", { ...order, seconds: (measuredSeconds / 3) * scale });
  const before = await countOf(peer, cleanings);
  await peer.takeLoopDelays();
  await client.run("produce", { ...order, seconds: measuredSeconds * scale });
  const figures = await delayFigures(peer, "in compaction");
  return { ...figures, cleanings: (await countOf(peer, cleanings)) - before };
}

/** The partition is read at a start; what comes before the broker takes connections is not counted. */
async function inLoadOfOffsets(peer: Peer): Promise<Figures> {
  const topic = "committed";
  await createTopics(peer, { [topic]: offsetsInGroup });
  const connection = await RawConnection.open(peer.port);
  await coordinatorOf(connection, "group-0");
  const topicPartitions = Array.from({ length: offsetsInGroup }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset: 7n,
    committedMetadata: "",
  }));
  for (let group = 0; group < groupCount; group++) {
    const groupId = `group-${group}`;
    const topics = [{ name: topic, partitions: topicPartitions } as never];
    const request = makeOffsetCommitRequest({ groupId, generationIdOrMemberEpoch: -1, topics });
    const answer = await connection.call<OffsetCommitResponse>(apiKeys.OffsetCommit, commitVersion, request);
    const code = answer.topics[0]?.partitions[0]?.errorCode;
    if (code !== 0) throw new Error(`commit: error ${code}`);
  }
  connection.close();
  await peer.killAndStart();
  await peer.takeLoopDelays();
  const fromMs = performance.now();
  const atOnce = await countOf(peer, loadedRecords);
  while ((await countOf(peer, loadedRecords)) < groupCount * offsetsInGroup) {
    if (performance.now() - fromMs > 60_000) throw new Error("the offsets were not read within a minute");
    await new Promise((done) => setTimeout(done, 20));
  }
  return {
    ...(await delayFigures(peer, "in load of 100,000 offsets")),
    "offsets read before the port": atOnce,
    "load of 100,000 offsets ms": performance.now() - fromMs,
  };
}

async function countOf(peer: Peer, series: string): Promise<number> {
  const metrics = await peer.metrics();
  let sum = 0;
  for (const [name, value] of metrics ?? []) {
    if (name === series || name.startsWith(`${series}{`)) sum += value;
  }
  return sum;
}

async function coordinatorOf(connection: RawConnection, group: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const request = makeFindCoordinatorRequest({ key: group });
    const { errorCode } = await connection.call<FindCoordinatorResponse>(
      apiKeys.FindCoordinator,
      findVersion,
      request,
    );
    if (errorCode === 0) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${group} got no coordinator`);
}
