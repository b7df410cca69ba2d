// How late Ottla's event loop is while its coordinator reads a partition of 100,000 committed offsets, which
// is when a killed broker starts again; and for comparison while it reads one of 1,000.
import {
  apiKeys,
  type FindCoordinatorResponse,
  makeFindCoordinatorRequest,
  makeOffsetCommitRequest,
  makeOffsetFetchRequest,
  type OffsetCommitResponse,
  type OffsetFetchResponse,
} from "@ottla/protocol";
import { RawConnection } from "../client/raw-connection.ts";
import type { Peer } from "../peers/peer.ts";
import type { Figures, Load } from "./load.ts";
import { counterOf, delayFigures } from "./loop-delay-figures.ts";
import { createTopics } from "./measured-work.ts";

const topic = "committed";
const groupCount = 100;
const offsetsInGroup = 1000;
const committedOffset = 7n;
const findVersion = 1;
const commitVersion = 7;
const fetchVersion = 5;
const patienceMs = 60_000;

export const offsetsLoad: Load = {
  name: "offsets-load",
  about:
    "kill -9 with 100,000 committed offsets in one partition: event loop delay until they can be asked for",
  peers: ["ottla", "ottla-page-cache"],
  properties: ["offsets.topic.num.partitions=1"],
  withLoopProbe: true,
  async run(peer, _scale): Promise<Figures> {
    await createTopics(peer, { [topic]: offsetsInGroup });
    await commitGroups(peer, 0, 1);
    const few = await startFigures(peer, "in load of 1,000 offsets", 0);
    await commitGroups(peer, 1, groupCount);
    const many = await startFigures(peer, "in load of 100,000 offsets", groupCount - 1);
    const loaded = await counterOf(peer, "ottla_coordinator_loaded_records_total");
    if (loaded < groupCount * offsetsInGroup) throw new Error(`only ${loaded} offsets were read`);
    return { ...many, ...few };
  },
};

async function commitGroups(peer: Peer, from: number, to: number): Promise<void> {
  const connection = await RawConnection.open(peer.port);
  await waitForCoordinator(connection);
  const partitions = Array.from({ length: offsetsInGroup }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: "",
  }));
  for (let group = from; group < to; group++) {
    const topics = [{ name: topic, partitions } as never];
    const groupId = `group-${group}`;
    const request = makeOffsetCommitRequest({ groupId, generationIdOrMemberEpoch: -1, topics });
    const answer = await connection.call<OffsetCommitResponse>(apiKeys.OffsetCommit, commitVersion, request);
    const code = answer.topics[0]?.partitions[0]?.errorCode;
    if (code !== 0) throw new Error(`commit: error ${code}`);
  }
  connection.close();
}

/**
 * From the moment the killed and started broker takes connections until it tells an offset of that group.
 * Nothing else is asked of it meanwhile, not even its metrics: the first such question loads an HTTP server.
 */
async function startFigures(peer: Peer, when: string, group: number): Promise<Figures> {
  await peer.killAndStart();
  await peer.takeLoopDelays();
  const fromMs = performance.now();
  const connection = await RawConnection.open(peer.port);
  const topics = [{ name: topic, partitionIndexes: [0] } as never];
  const request = makeOffsetFetchRequest({ groupId: `group-${group}`, topics });
  for (;;) {
    const answer = await connection.call<OffsetFetchResponse>(apiKeys.OffsetFetch, fetchVersion, request);
    if (answer.topics[0]?.partitions[0]?.committedOffset === committedOffset) break;
    if (performance.now() - fromMs > patienceMs) throw new Error("the offsets were not read in time");
    await new Promise((done) => setTimeout(done, 20));
  }
  const tookMs = performance.now() - fromMs;
  connection.close();
  return { ...(await delayFigures(peer, when)), [`ms ${when}`]: tookMs };
}

async function waitForCoordinator(connection: RawConnection): Promise<void> {
  const fromMs = performance.now();
  for (;;) {
    const request = makeFindCoordinatorRequest({ key: "group-0" });
    const { errorCode } = await connection.call<FindCoordinatorResponse>(
      apiKeys.FindCoordinator,
      findVersion,
      request,
    );
    if (errorCode === 0) return;
    if (performance.now() - fromMs > patienceMs) throw new Error("no coordinator");
    await new Promise((done) => setTimeout(done, 100));
  }
}
