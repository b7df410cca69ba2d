// Values at the edge of what a schema allows, in every version of every served API: empty arrays, nulls, and
// 64-bit numbers beyond what the language counts exactly. Each request is answered, and no handler fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import { type ApiKey, apiKeys, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { apiTable } from "../../src/dispatch/api-table.ts";
import { type Chooser, RequestSchemas } from "../../src/testing/generated-request.ts";
import { int64Edges } from "../../src/testing/hostile-chooser.ts";
import type { WireClient } from "../broker-process.ts";
import {
  createTopic,
  fetchRecords,
  HealthyClient,
  ObservedBroker,
  produce,
  smallBatch,
} from "./observed-broker.ts";

const topic = "t";
const schemas = new RequestSchemas([
  readFileSync(new URL("../../../protocol/src/schemas/clients.json", import.meta.url), "utf8"),
]);
const served = apiTable.filter(({ listeners }) => listeners.includes("broker"));

let broker: ObservedBroker;
let healthy: HealthyClient;
let client: WireClient;
let topicId: Uuid;

before(async () => {
  broker = await ObservedBroker.start({ "auto.create.topics.enable": "false" });
  client = await broker.connect();
  healthy = await HealthyClient.start(broker);
});

// Some of the requests delete it.
beforeEach(async () => {
  if (client.isClosed) client = await broker.connect();
  const ask = { topics: [{ name: topic, topicId: ZERO_UUID }], allowAutoTopicCreation: false };
  let metadata = await client.ask(apiKeys.Metadata, 12, ask);
  if (metadata.topics[0]?.errorCode !== 0) {
    await createTopic(client, topic, 1);
    assert.equal((await produce(client, topic, smallBatch(Uint8Array.of(1)))).errorCode, 0);
    metadata = await client.ask(apiKeys.Metadata, 12, ask);
  }
  topicId = metadata.topics[0]?.topicId as Uuid;
});

after(async () => {
  await broker.remove();
});

/** Everything small and sound, save for what is overridden. */
function plain(changes: Partial<Chooser> = {}): Chooser {
  return {
    isNull: () => false,
    count: () => 1,
    integer: (path) => (/(?:Ms|index|partition|Index|isolationLevel)$/.test(path) ? 0 : -1),
    int64: () => -1n,
    bool: () => false,
    string: (path) => (/software/i.test(path) ? "test" : topic),
    uuid: () => topicId,
    bytes: () => new Uint8Array(0),
    records: () => smallBatch(Uint8Array.of(1)),
    ...changes,
  };
}

/** Sends what the chooser makes; the connection must stay, and the answer must be readable. */
async function answers(key: number, version: number, choose: Chooser, what: string): Promise<void> {
  const fields = schemas.request(key, version, choose) as never;
  if (client.isClosed) client = await broker.connect();
  try {
    await client.ask(key as ApiKey, version, fields);
  } catch (error) {
    throw new Error(what, { cause: error });
  }
}

for (const { key, name, minVersion, maxVersion } of served) {
  test(`${name}: empty arrays are answered`, async () => {
    for (let version = minVersion; version <= maxVersion; version++) {
      await answers(key, version, plain({ count: () => 0 }), `${name} v${version}, all empty`);
      const innerEmpty = plain({ count: (path) => (path.includes(".") ? 0 : 1) });
      await answers(key, version, innerEmpty, `${name} v${version}, inner arrays empty`);
      const noText = plain({ string: () => "" });
      if (key !== apiKeys.ApiVersions)
        await answers(key, version, noText, `${name} v${version}, empty texts`);
    }
  });

  test(`${name}: nulls are answered`, async () => {
    for (let version = minVersion; version <= maxVersion; version++) {
      await answers(key, version, plain({ isNull: () => true }), `${name} v${version}, all null`);
      const seen: string[] = [];
      const watching = plain({
        isNull: (path) => {
          seen.push(path);
          return false;
        },
      });
      schemas.request(key, version, watching);
      for (const nullable of new Set(seen)) {
        const one = plain({ isNull: (path) => path === nullable });
        await answers(key, version, one, `${name} v${version}, ${nullable} null`);
      }
    }
  });

  test(`${name}: 64-bit numbers at their edges are answered`, async () => {
    for (let version = minVersion; version <= maxVersion; version++) {
      for (const edge of int64Edges) {
        await answers(key, version, plain({ int64: () => edge }), `${name} v${version}, ${edge}`);
      }
    }
  });

  test(`${name}: small numbers at their edges are answered`, async () => {
    for (let version = minVersion; version <= maxVersion; version++) {
      for (const edge of ["least", "greatest"] as const) {
        const integer: Chooser["integer"] = (path, bits) => {
          // A wait of weeks is kept to the letter.
          if (path.endsWith("WaitMs")) return 0;
          if (bits === 17) return edge === "least" ? 0 : 0xffff;
          return edge === "least" ? -(2 ** (bits - 1)) : 2 ** (bits - 1) - 1;
        };
        // Produce without an answer is another matter, and closes the connection when it fails.
        await answers(key, version, plain({ integer }), `${name} v${version}, ${edge}`);
      }
    }
  });
}

test("a fetch beyond 2^53 is out of range, and ListOffsets of such a time finds nothing", async () => {
  for (const offset of [2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), -2n]) {
    await assert.rejects(fetchRecords(client, topic, offset), `offset ${offset}`);
  }
  for (const timestamp of [2n ** 53n, 2n ** 63n - 1n]) {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
    const topics = [{ name: topic, partitions }];
    const listed = await client.ask(apiKeys.ListOffsets, 7, { replicaId: -1, topics });
    const { errorCode, offset } = listed.topics[0]?.partitions[0] ?? {};
    assert.deepEqual([errorCode, offset], [0, -1n]);
  }
});

test("the healthy client lost nothing, and no handler failed", async () => {
  await healthy.stop();
  const { bugs, metrics } = await broker.report();
  assert.equal(bugs, 0, metrics.filter((line) => /bugs/.test(line)).join("; "));
});
