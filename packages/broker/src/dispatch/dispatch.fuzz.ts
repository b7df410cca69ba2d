// Requests of every served API and version, drawn from Kafka's schemas and then damaged, sent to a whole node
// of a fake world. Whatever comes, each is answered with a response that can be read in its version, or its
// connection closes; no handler fails, nothing is left waiting, and what others wrote stays readable.
// FUZZ_SECONDS sets how long each API is tried (default: 0.6), FUZZ_SEED where to begin.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { createNodeZip } from "@ottla/ports";
import {
  type ApiKey,
  apiCodecs,
  apiKeys,
  buildBatch,
  decodeResponseHeader,
  errors,
  type FetchResponse,
  type ListGroupsResponse,
  makeFetchRequestFetchPartition,
  type ProduceResponse,
  Reader,
  responseHeaderVersion,
  type Uuid,
} from "@ottla/protocol";
import type { FakeClient } from "../testing/fake-client.ts";
import { requestFrame } from "../testing/fake-client.ts";
import { RequestSchemas } from "../testing/generated-request.ts";
import { HostileChooser } from "../testing/hostile-chooser.ts";
import { type WholeBroker, wholeBroker, wholeBrokerPorts } from "../testing/whole-broker.ts";
import type { AnyApiEntry } from "./api-entry.ts";
import { apiTable } from "./api-table.ts";

const secondsPerApi = Number(process.env["FUZZ_SECONDS"] ?? 0.6);
const firstSeed = Number(process.env["FUZZ_SEED"] ?? 1);
const requestsPerWorld = 400;
const zip = createNodeZip();
const schemas = new RequestSchemas([
  readFileSync(new URL("../../../protocol/src/schemas/clients.json", import.meta.url), "utf8"),
]);
const topics = ["t", "u", "__proto__", "constructor"];
const kept = "kept";
const probe = 999;

for (const entry of apiTable) {
  test(`${entry.name}: drawn and damaged requests are answered or close the connection`, (context) => {
    const endNs = process.hrtime.bigint() + BigInt(Math.round(secondsPerApi * 1e9));
    let count = 0;
    for (let seed = firstSeed; seed === firstSeed || process.hrtime.bigint() < endNs; seed++) {
      count += new FuzzRun(entry, seed).run(endNs);
    }
    context.diagnostic(`${count} requests`);
  });
}

/** One node and what it is sent. */
class FuzzRun {
  readonly #entry: AnyApiEntry;
  readonly #seed: number;
  readonly #whole: WholeBroker;
  readonly #chooser: HostileChooser;
  #keptRecords = 0;

  constructor(entry: AnyApiEntry, seed: number) {
    this.#entry = entry;
    this.#seed = seed;
    const whole = wholeBroker({
      seed: seed * 1000 + entry.key,
      topics: [...topics, kept],
      settings: {
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": "2",
        "offsets.topic.replication.factor": "1",
        // Drawn times are short, and nobody waits for long.
        "group.min.session.timeout.ms": "1",
        "group.max.session.timeout.ms": "1000",
        "group.initial.rebalance.delay.ms": "0",
      },
    });
    this.#whole = whole;
    const { image } = whole.broker.services.metadata;
    this.#chooser = new HostileChooser({
      below: (bound) => whole.world.random.below(bound),
      topics,
      topicIds: topics.map((name) => image.topics.byName(name)?.id as Uuid),
      clusterId: whole.clusterId,
      zip,
      nowMs: whole.node.ports.clock.wallMs(),
    });
  }

  /** Returns how many requests were sent. */
  run(endNs: bigint): number {
    const { minVersion, maxVersion } = this.#entry;
    let count = 0;
    this.#keep();
    this.#coordinate();
    while (
      count < requestsPerWorld &&
      (count <= maxVersion - minVersion || process.hrtime.bigint() < endNs)
    ) {
      const version = minVersion + (count % (maxVersion - minVersion + 1));
      this.#try(version, count % 3 > 0);
      count++;
    }
    this.#keep();
    this.#checkNode();
    return count;
  }

  /** The first group has a coordinator. */
  #coordinate(): void {
    const client = this.#whole.connect();
    client.ask(apiKeys.FindCoordinator, 3, { key: "g" });
    this.#whole.world.run({ ms: 2000 });
    const found = client.ask(apiKeys.ListGroups, 3, {}) as ListGroupsResponse | null;
    assert.equal(found?.errorCode, 0);
    assert.equal([...this.#whole.broker.services.partitions.ofTopic("__consumer_offsets")].length, 2);
    client.end();
  }

  #try(version: number, isDamaged: boolean): void {
    const { key, name } = this.#entry;
    const { world } = this.#whole;
    const fields = schemas.request(key, version, this.#chooser);
    let frame: Uint8Array = requestFrame(key, version, fields);
    if (isDamaged) frame = damaged(frame, (bound) => world.random.below(bound));
    const client = this.#connect();
    client.send(frame);
    client.send(requestFrame(apiKeys.ApiVersions, 0, {}, probe));
    try {
      this.#readAnswer(client, version, isDamaged);
      assert.deepEqual(world.halts, [], "the node halted");
      assert.deepEqual(this.#whole.errorsLogged, [], "an error is logged");
    } catch (error) {
      const sent = isDamaged ? Buffer.from(frame).toString("hex") : inspect(fields, { depth: 9 });
      throw new Error(`seed ${this.#seed}: ${name} v${version} ${sent}`, { cause: error });
    }
    client.end();
  }

  #connect(): FakeClient {
    const isForBroker = this.#entry.listeners.includes("broker");
    return this.#whole.connect(isForBroker ? wholeBrokerPorts.broker : wholeBrokerPorts.controller);
  }

  #readAnswer(client: FakeClient, version: number, isDamaged: boolean): void {
    const { key } = this.#entry;
    const answer = client.receive(5000);
    if (answer === null) {
      const mayWait = isDamaged && key === apiKeys.Fetch;
      assert.ok(client.isClosed || mayWait, "is not answered");
      assert.ok(isDamaged || mayClose(key), "closed the connection");
      return;
    }
    const correlationId = new Reader(answer).int32();
    if (correlationId === probe) {
      assert.equal(key, apiKeys.Produce, "is passed over");
      return;
    }
    const reader = new Reader(answer);
    decodeResponseHeader(reader, responseHeaderVersion(key as ApiKey, version));
    apiCodecs[key as ApiKey].decodeResponse(reader, version);
    assert.equal(reader.remaining, 0, "has an answer with bytes behind it");
    const next = client.receive(5000);
    assert.ok(next !== null || client.isClosed, "leaves the next request waiting");
  }

  /** Somebody else's records. A node that was fenced meanwhile is back within a minute. */
  #keep(): void {
    const { world } = this.#whole;
    const untilMs = world.nowMs + 60_000;
    let error = this.#produceKept();
    while (error === errors.NOT_LEADER_OR_FOLLOWER.code && world.nowMs < untilMs) {
      world.run({ ms: 500 });
      error = this.#produceKept();
    }
    assert.equal(error, 0, `seed ${this.#seed}`);
    this.#keptRecords++;
  }

  /** Returns the error code. */
  #produceKept(): number | undefined {
    const client = this.#whole.connect();
    const value = new TextEncoder().encode(`record ${this.#keptRecords}`);
    const timestamp = this.#whole.node.ports.clock.wallMs();
    const records = buildBatch({ records: [{ timestamp, key: null, value }] });
    const produced = client.ask(apiKeys.Produce, 9, {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name: kept, partitionData: [{ index: 0, records }] }],
    }) as ProduceResponse | null;
    client.end();
    return produced?.responses[0]?.partitionResponses[0]?.errorCode;
  }

  #checkNode(): void {
    const { broker, world } = this.#whole;
    const { metrics, partitions, metadata } = broker.services;
    const tell = `seed ${this.#seed}`;
    for (const { key, name } of apiTable) assert.equal(metrics.requests.api(key, name).bugs.value, 0, tell);
    world.run({ ms: 5000 });
    assert.equal(broker.connectionCount, 0, tell);
    const waiting = [...partitions.all()].reduce((sum, { waitingCount }) => sum + waitingCount, 0);
    // What sessions watch stays with them until their next poll or their end.
    assert.ok(waiting <= broker.services.fetchSessions.partitionCount, tell);
    const client = this.#whole.connect();
    for (const name of metadata.image.topics.names()) {
      const count = metadata.image.topics.byName(name)?.partitions.length ?? 0;
      for (let index = 0; index < count; index++) this.#checkReadable(client, name, index);
    }
    assert.equal(partitions.find(kept, 0)?.log?.highWatermark, this.#keptRecords, tell);
    client.end();
  }

  #checkReadable(client: FakeClient, topic: string, index: number): void {
    const log = this.#whole.broker.services.partitions.find(topic, index)?.log ?? null;
    if (log === null) return;
    let offset: number = log.logStartOffset;
    while (offset < log.highWatermark) {
      const fetched = client.ask(apiKeys.Fetch, 11, {
        maxWaitMs: 0,
        minBytes: 0,
        sessionEpoch: -1,
        topics: [
          {
            topic,
            partitions: [
              makeFetchRequestFetchPartition({
                partition: index,
                fetchOffset: BigInt(offset),
                partitionMaxBytes: 1e6,
              }),
            ],
          },
        ],
      }) as FetchResponse | null;
      const got = fetched?.responses[0]?.partitions[0];
      assert.equal(got?.errorCode, 0, `seed ${this.#seed}: ${topic}-${index} at ${offset}`);
      const { records } = got ?? {};
      assert.ok(records instanceof Uint8Array && records.length > 61, "there are records");
      const view = new DataView(records.buffer, records.byteOffset);
      offset = Number(view.getBigInt64(0)) + view.getInt32(23) + 1;
    }
  }
}

/** A sound request of these may close the connection: Produce with acks=0 that fails. */
function mayClose(key: number): boolean {
  return key === apiKeys.Produce;
}

/** Flips, cuts, repeats, or overwrites by numbers that hurt. The length is made true again. */
function damaged(frame: Uint8Array, below: (bound: number) => number): Uint8Array {
  const bodyAt = 12;
  let bytes = Uint8Array.from(frame);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = bodyAt + below(Math.max(1, bytes.length - bodyAt));
    switch (below(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 1:
        bytes = bytes.slice(0, at);
        break;
      case 2:
        bytes = Uint8Array.from([...bytes, ...bytes.slice(at)]);
        break;
      case 3:
        bytes.set(
          [0x7f, 0xff, 0xff, 0xff].slice(0, Math.max(0, bytes.length - at)),
          Math.min(at, bytes.length),
        );
        break;
      case 4:
        bytes = Uint8Array.from([...bytes.slice(0, at), below(256), ...bytes.slice(at)]);
        break;
      default:
        bytes.set([0xff, 0xff].slice(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
    }
  }
  new DataView(bytes.buffer).setInt32(0, bytes.length - 4);
  return bytes;
}
