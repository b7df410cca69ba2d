// Creates a topic and waits until every partition has a leader.
import {
  apiKeys,
  type CreateTopicsResponse,
  type MetadataResponse,
  makeCreateTopicsRequest,
  makeMetadataRequest,
} from "@ottla/protocol";
import type { RawConnection } from "./raw-connection.ts";

const createVersion = 5;
const metadataVersion = 8;

/** Creates `name` with `partitions`, replication factor 1 and these configs, then waits `settleMs`. */
export async function createTopic(
  connection: RawConnection,
  name: string,
  partitions: number,
  settleMs = 500,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs };
  const request = makeCreateTopicsRequest({ topics: [topic], timeoutMs: 30_000 });
  const created = await connection.call<CreateTopicsResponse>(apiKeys.CreateTopics, createVersion, request);
  const code = created.topics[0]?.errorCode ?? -1;
  if (code !== 0) throw new Error(`create ${name}: error ${code}`);
  for (let attempt = 0; attempt < 200; attempt++) {
    const ask = makeMetadataRequest({ topics: [{ name } as never] });
    const answer = await connection.call<MetadataResponse>(apiKeys.Metadata, metadataVersion, ask);
    const partitionsFound = answer.topics[0]?.partitions ?? [];
    if (partitionsFound.length === partitions && partitionsFound.every((p) => p.leaderId >= 0)) {
      // Apache Kafka answers Metadata a moment before every leader takes produce requests.
      await new Promise((done) => setTimeout(done, settleMs));
      return;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`${name} got no leaders`);
}
