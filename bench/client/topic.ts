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

/** Creates `name` with `partitions` and replication factor 1. */
export async function createTopic(
  connection: RawConnection,
  name: string,
  partitions: number,
): Promise<void> {
  const topic = { name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] };
  const request = makeCreateTopicsRequest({ topics: [topic], timeoutMs: 30_000 });
  const created = await connection.call<CreateTopicsResponse>(apiKeys.CreateTopics, createVersion, request);
  const code = created.topics[0]?.errorCode ?? -1;
  if (code !== 0) throw new Error(`create ${name}: error ${code}`);
  for (let attempt = 0; attempt < 200; attempt++) {
    const ask = makeMetadataRequest({ topics: [{ name } as never] });
    const answer = await connection.call<MetadataResponse>(apiKeys.Metadata, metadataVersion, ask);
    const found = answer.topics[0];
    if (
      found?.errorCode === 0 &&
      found.partitions.length === partitions &&
      found.partitions.every((p) => p.leaderId >= 0)
    )
      return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`${name} got no leaders`);
}
