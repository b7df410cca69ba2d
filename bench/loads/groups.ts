// What consumer groups cost: heartbeats and offset commits in a closed loop, and the rebalance of a large
// group.
import {
  apiKeys,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  type FindCoordinatorResponse,
  makeConsumerProtocolAssignment,
  makeConsumerProtocolSubscription,
  makeFindCoordinatorRequest,
  makeHeartbeatRequest,
  makeOffsetCommitRequest,
  Writer,
} from "@ottla/protocol";
import { GroupMember } from "../client/group-member.ts";
import { RawConnection, requestFrame } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import { ascending, percentile } from "./latency.ts";
import type { Figures, Load } from "./load.ts";

const memberCount = 1_000;
const connectionCount = 64;
const topic = "grouped";
const heartbeatVersion = 3;
const commitVersion = 7;
const findVersion = 1;

/** Where the error code stands: length, correlation id and throttle time come first. */
const heartbeatErrorAt = 12;
/** Behind those: count of topics, name, count of partitions, index. */
const commitErrorAt = 12 + 4 + 2 + topic.length + 4 + 4;

function versioned(encode: (writer: Writer) => void, version: number): Uint8Array {
  const writer = new Writer();
  writer.int16(version);
  encode(writer);
  return Buffer.concat(writer.finish().parts);
}

function subscription(round: number): Uint8Array {
  const userData = new Uint8Array([round >> 8, round & 255]);
  const message = makeConsumerProtocolSubscription({ topics: [topic], userData });
  return versioned((writer) => encodeConsumerProtocolSubscription(writer, message, 1), 1);
}

const assignment = versioned((writer) => {
  const assignedPartitions = [{ topic, partitions: [0] }];
  encodeConsumerProtocolAssignment(writer, makeConsumerProtocolAssignment({ assignedPartitions }), 1);
}, 1);

/** Waits until the broker coordinates `group`. */
async function findCoordinator(connection: RawConnection, group: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const request = makeFindCoordinatorRequest({ key: group });
    const answer = await connection.call<FindCoordinatorResponse>(
      apiKeys.FindCoordinator,
      findVersion,
      request,
    );
    if (answer.errorCode === 0) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${group} got no coordinator`);
}

interface Sender {
  readonly connection: RawConnection;
  readonly frames: readonly Buffer[];
}

/** Each sender keeps one request in flight for `seconds`; its frames take turns. */
async function closedLoop(
  senders: readonly Sender[],
  errorAt: number,
  seconds: number,
): Promise<{ sorted: number[]; seconds: number }> {
  const times: number[] = [];
  const start = performance.now();
  const untilMs = start + seconds * 1000;
  await Promise.all(
    senders.map(
      ({ connection, frames }) =>
        new Promise<void>((done, failed) => {
          let turn = 0;
          const next = (): void => {
            const fromMs = performance.now();
            if (fromMs >= untilMs) return done();
            connection.sendFrame(frames[turn++ % frames.length] as Buffer, (answer) => {
              const code = answer.readInt16BE(errorAt);
              if (code !== 0) return failed(new Error(`error ${code}`));
              times.push(performance.now() - fromMs);
              next();
            });
          };
          next();
        }),
    ),
  );
  return { sorted: ascending(times), seconds: (performance.now() - start) / 1000 };
}

async function measured(
  peer: Peer,
  name: string,
  senders: readonly Sender[],
  errorAt: number,
  seconds: number,
): Promise<Figures> {
  await closedLoop(senders, errorAt, seconds);
  const before = readProcessUsage(peer.pid);
  const run = await closedLoop(senders, errorAt, seconds);
  const after = readProcessUsage(peer.pid);
  return {
    [`${name}/s`]: run.sorted.length / run.seconds,
    [`${name} p50 ms`]: percentile(run.sorted, 0.5),
    [`${name} p99 ms`]: percentile(run.sorted, 0.99),
    [`broker CPU µs/${name.slice(0, -1)}`]:
      ((after.cpuSeconds - before.cpuSeconds) / run.sorted.length) * 1e6,
  };
}

/** Over the first connections, each serving its share of the members. */
function sendersOf(members: readonly GroupMember[], frameOf: (member: GroupMember) => Buffer): Sender[] {
  return members.slice(0, connectionCount).map(({ connection }, index) => ({
    connection,
    frames: members.filter((_, at) => at % connectionCount === index).map(frameOf),
  }));
}

function commit(member: { groupId: string; memberId: string; generationId: number }): Buffer {
  const { groupId, memberId, generationId: generationIdOrMemberEpoch } = member;
  const partitions = [{ partitionIndex: 0, committedOffset: 7n, committedMetadata: "" }];
  const topics = [{ name: topic, partitions } as never];
  const request = makeOffsetCommitRequest({ groupId, memberId, generationIdOrMemberEpoch, topics });
  return requestFrame(apiKeys.OffsetCommit, commitVersion, request, 0);
}

/**
 * Heartbeats and commits of 1,000 members, the rebalance of their group, and commits of groups without
 * members.
 */
export const groups: Load = {
  name: "groups",
  about:
    `one group of ${memberCount} members: rebalances; its heartbeats and commits over ${connectionCount} ` +
    `connections; commits of ${connectionCount} groups`,
  async run(peer: Peer, scale: number): Promise<Figures> {
    const admin = await RawConnection.open(peer.port);
    await createTopic(admin, topic, 16);
    await findCoordinator(admin, "large");
    const members: GroupMember[] = [];
    while (members.length < memberCount) members.push(await GroupMember.open(peer.port, "large"));
    const rebalanceMs: number[] = [];
    const rounds = Math.max(4, Math.round(40 * scale));
    for (let round = 0; round < rounds; round++) {
      const metadata = subscription(round);
      const fromMs = performance.now();
      await Promise.all(members.map((member) => member.rebalance(metadata, assignment)));
      rebalanceMs.push(performance.now() - fromMs);
    }
    // The first quarter waits for the initial delay and warms the broker up.
    const settled = ascending(rebalanceMs.slice(Math.ceil(rounds / 4)));
    const seconds = 6 * scale;
    const beat = (member: GroupMember): Buffer => {
      const { groupId, memberId, generationId } = member;
      const request = makeHeartbeatRequest({ groupId, memberId, generationId });
      return requestFrame(apiKeys.Heartbeat, heartbeatVersion, request, 0);
    };
    const heartbeats = await measured(
      peer,
      "heartbeats",
      sendersOf(members, beat),
      heartbeatErrorAt,
      seconds,
    );
    const commits = await measured(peer, "commits", sendersOf(members, commit), commitErrorAt, seconds);
    for (const member of members) member.close();
    const simple: Sender[] = [];
    while (simple.length < connectionCount) {
      const frames = [commit({ groupId: `simple-${simple.length}`, memberId: "", generationId: -1 })];
      simple.push({ connection: await RawConnection.open(peer.port), frames });
    }
    const simpleCommits = await measured(peer, "simple commits", simple, commitErrorAt, seconds);
    for (const { connection } of simple) connection.close();
    admin.close();
    return {
      "rebalance p50 ms": percentile(settled, 0.5),
      "rebalance p99 ms": percentile(settled, 0.99),
      ...heartbeats,
      ...commits,
      ...simpleCommits,
    };
  },
};
