// What peers may do to a broker without hurting it or its other clients.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apiKeys } from "@ottla/protocol";
import { BrokerProcess, requestFrame, WireClient } from "./broker-process.ts";

const mib = 1024 * 1024;
let broker: BrokerProcess;

before(async () => {
  broker = await BrokerProcess.start([
    "ottla.request.receive.timeout.ms=2000",
    "connections.max.idle.ms=4000",
    "max.connections.per.ip=2147483647",
  ]);
});

after(async () => {
  await broker.remove();
});

async function answersOthers(): Promise<void> {
  const client = await WireClient.connect(broker.port);
  const startMs = performance.now();
  await client.ask(apiKeys.ApiVersions, 0, {});
  assert.ok(performance.now() - startMs < 1000, "another client is answered at once");
  client.socket.destroy();
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** A generator of bytes that anybody can repeat. */
function noise(seed: number, length: number): Buffer {
  let state = seed;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    }),
  );
}

test("garbage closes the connection and nothing else", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const client = await WireClient.connect(broker.port);
    const garbage = noise(seed, 64);
    // A third as it is, the rest as frames of a true length: one with noise for a header, one with a known
    // API key.
    if (seed % 3 > 0) garbage.writeInt32BE(60);
    if (seed % 3 === 2) garbage.writeInt32BE((seed % 76) << 16, 4);
    client.socket.end(garbage);
    await client.closed();
  }
  assert.equal(broker.isAlive, true);
  await answersOthers();
});

test("negative and huge lengths close the connection at once", async () => {
  for (const length of [-1, -2147483648, 104_857_601, 2147483647]) {
    const client = await WireClient.connect(broker.port);
    client.socket.write(int32(length));
    await client.closed();
  }
});

test("200 connections that announce 100 MB and send nothing cost nothing, others are served meanwhile", async () => {
  const before = broker.residentBytes();
  const clients = await Promise.all(Array.from({ length: 200 }, () => WireClient.connect(broker.port)));
  for (const client of clients) client.socket.write(int32(104_857_600));
  await answersOthers();
  for (const client of clients) client.socket.write(Buffer.from([0]));
  await answersOthers();
  const grown = broker.residentBytes() - before;
  assert.ok(grown < 40 * mib, `grew by ${Math.round(grown / mib)} MiB`);
  await Promise.all(clients.map((client) => client.closed()));
  await answersOthers();
});

test("a frame that trickles in is cut off", async () => {
  const client = await WireClient.connect(broker.port);
  const frame = requestFrame(apiKeys.ApiVersions, 0, {});
  let sent = 0;
  const drip = setInterval(() => client.socket.write(frame.subarray(sent, ++sent)), 400);
  const startMs = performance.now();
  await client.closed();
  clearInterval(drip);
  assert.ok(performance.now() - startMs < 5000);
});

test("an idle connection is closed", async () => {
  const client = await WireClient.connect(broker.port);
  await client.closed();
});

test("a peer that asks without reading holds itself up, not the broker", async () => {
  const client = await WireClient.connect(broker.port);
  client.socket.pause();
  const before = broker.residentBytes();
  const frame = requestFrame(apiKeys.DescribeConfigs, 4, {
    resources: [{ resourceType: 4, resourceName: "1", configurationKeys: null }],
    includeSynonyms: true,
  });
  for (let count = 0; count < 2000; count++) client.socket.write(frame);
  await answersOthers();
  const grown = broker.residentBytes() - before;
  assert.ok(grown < 100 * mib, `grew by ${Math.round(grown / mib)} MiB`);
  client.socket.destroy();
});
