// Hostile sockets: frames that are none, lengths that lie, floods, peers that never read. The connection
// closes or the kernel holds the peer up; memory stays bounded and others are served.
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { type ApiKey, apiKeys, makeFetchRequestFetchPartition } from "@ottla/protocol";
import { apiTable } from "../../src/dispatch/api-table.ts";
import { requestFrame, WireClient } from "../broker-process.ts";
import {
  createTopic,
  fetchRecords,
  HealthyClient,
  ObservedBroker,
  produce,
  smallBatch,
} from "./observed-broker.ts";

const mib = 1_048_576;
const frameBytesMax = 104_857_600;
let broker: ObservedBroker;
let healthy: HealthyClient;

before(async () => {
  broker = await ObservedBroker.start({
    "ottla.request.receive.timeout.ms": "3000",
    "connections.max.idle.ms": "20000",
    "max.connections": "4000",
    "max.connections.per.ip": "3000",
    "max.connection.creation.rate": "5000",
  });
  healthy = await HealthyClient.start(broker);
});

after(async () => {
  await broker.remove();
});

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** A frame of a true length. */
function framed(body: Uint8Array): Buffer {
  return Buffer.concat([int32(body.length), body]);
}

function head(key: number, version: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt16BE(key, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(7, 4);
  return bytes;
}

/** Sends and expects that the broker closes without an answer. */
async function closes(bytes: Uint8Array, what: string): Promise<void> {
  const client = await broker.connect();
  client.socket.write(bytes);
  assert.equal(await client.receive(), null, `${what} is not answered`);
}

/** In groups smaller than the listen backlog: what does not fit there comes a second later. */
async function inGroups<Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 32) await Promise.all(items.slice(at, at + 32).map(run));
}

test("10,000 garbage frames close their connections and cost no memory", async (context) => {
  let state = 11;
  const noise = (length: number): Buffer =>
    Buffer.from(
      Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state >>> 16;
      }),
    );
  const frames = Array.from({ length: 10_000 }, (_, index) => {
    const body = noise(1 + (index % 120));
    // A served key and version before the noise, so that the decoders see it.
    const entry = apiTable[index % apiTable.length];
    if (index % 2 === 0 || entry === undefined) return framed(body);
    const versions = entry.maxVersion - entry.minVersion + 1;
    return framed(Buffer.concat([head(entry.key, entry.minVersion + (index % versions)), body]));
  });
  const send = async (frame: Buffer): Promise<void> => {
    const client = await broker.connect();
    client.socket.end(frame);
    await client.closed();
  };
  // First the heap gets the size that so many connections at a time need.
  await inGroups(frames.slice(0, 2000), send);
  const attack = (): Promise<void> => inGroups(frames.slice(2000), send);
  const grown = await broker.boundsMemory(24 * mib, attack, 8 * mib);
  context.diagnostic(`grew by ${(grown / mib).toFixed(1)} MiB`);
  await healthy.goesOn();
});

test("negative and huge lengths close the connection before anything is allocated", async () => {
  await broker.boundsMemory(20 * mib, async () => {
    for (const length of [-1, -2, -0x80000000, frameBytesMax + 1, 0x7fffffff]) {
      await closes(int32(length), `length ${length}`);
    }
    await closes(framed(new Uint8Array(0)), "length 0");
  });
});

test("API keys that are not served here close the connection", async () => {
  const served = new Set(
    apiTable.filter(({ listeners }) => listeners.includes("broker")).map(({ key }) => key),
  );
  const keys = [-1, -2, 0x7fff, -0x8000, ...Array.from({ length: 128 }, (_, key) => key)];
  await inGroups(
    keys.filter((key) => !served.has(key)),
    (key) => closes(framed(Buffer.concat([head(key, 0), Buffer.alloc(40)])), `key ${key}`),
  );
});

test("versions that are not served close the connection, save for ApiVersions", async () => {
  for (const { key, name, minVersion, maxVersion, listeners } of apiTable) {
    if (!listeners.includes("broker")) continue;
    for (const version of [-1, minVersion - 1, maxVersion + 1, 0x7fff]) {
      const frame = framed(Buffer.concat([head(key, version), Buffer.alloc(40)]));
      if (key !== apiKeys.ApiVersions) await closes(frame, `${name} v${version}`);
      else {
        const client = await broker.connect();
        client.socket.write(frame);
        const answer = await client.receive();
        assert.ok(answer !== null, `${name} v${version} is answered`);
        assert.deepEqual([...answer.subarray(0, 6)], [0, 0, 0, 7, 0, 35]);
        client.socket.destroy();
      }
    }
  }
});

/** Something that encodes in every version. */
function soundFrame(key: ApiKey, version: number): Uint8Array {
  const fields = key === apiKeys.ApiVersions ? { clientSoftwareName: "a", clientSoftwareVersion: "1" } : {};
  return requestFrame(key, version, version >= 3 || key !== apiKeys.ApiVersions ? fields : {});
}

test("a request that is cut closes the connection", async () => {
  const cases: { readonly what: string; readonly frame: Uint8Array }[] = [];
  for (const { key, name, minVersion, maxVersion, listeners } of apiTable) {
    if (!listeners.includes("broker")) continue;
    for (let version = minVersion; version <= maxVersion; version++) {
      const body = soundFrame(key as ApiKey, version).subarray(4);
      const cuts = [0, 1, 7, 8, 9, 13, Math.floor(body.length / 2), body.length - 1];
      for (const cut of new Set(cuts.filter((at) => at < body.length))) {
        cases.push({ what: `${name} v${version} cut at ${cut}`, frame: framed(body.subarray(0, cut)) });
      }
    }
  }
  await inGroups(cases, ({ what, frame }) => closes(frame, what));
  await healthy.goesOn();
});

test("client ids with lengths that lie close the connection", async () => {
  for (const length of [-2, -0x8000, 5, 0x7fff]) {
    const clientId = Buffer.alloc(2);
    clientId.writeInt16BE(length);
    const frame = framed(Buffer.concat([head(apiKeys.ApiVersions, 1), clientId]));
    if (length >= 0) await closes(frame, `a client id of ${length} bytes`);
    else {
      // Any negative length is null, as in Apache Kafka.
      const client = await broker.connect();
      client.socket.write(frame);
      assert.notEqual(await client.receive(), null);
      client.socket.destroy();
    }
  }
});

test("200 connections that announce 100 MB, and 500 that send a byte of it, take 20 MiB at most", async (context) => {
  const clients = await Promise.all(Array.from({ length: 700 }, () => broker.connect()));
  const grown = await broker.boundsMemory(20 * mib, async () => {
    clients.forEach((client, index) => {
      client.socket.write(int32(frameBytesMax));
      if (index >= 200) client.socket.write(Buffer.from([0]));
    });
    await healthy.goesOn(10);
  });
  context.diagnostic(`grew by ${(grown / mib).toFixed(1)} MiB`);
  // The time that a frame may take is over for each of them.
  await Promise.all(clients.map((client) => client.closed()));
});

test("200 connections that send a third of a large frame and stop stay within the budget", async (context) => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => broker.connect()));
  const third = Buffer.alloc(mib);
  const grown = await broker.boundsMemory(360 * mib, async () => {
    for (const client of clients) {
      client.socket.write(int32(3 * mib));
      client.socket.write(third);
    }
    await healthy.goesOn(10);
    await Promise.all(clients.map((client) => client.closed()));
  });
  context.diagnostic(`grew by ${(grown / mib).toFixed(1)} MiB`);
  await healthy.goesOn();
});

test("1,000 connections that send a byte a second are cut off in time, and cost little", async (context) => {
  const frame = requestFrame(apiKeys.ApiVersions, 0, {});
  const sockets: Socket[] = [];
  let open = 0;
  await inGroups(Array.from({ length: 1000 }), async () => {
    const { socket } = await broker.connect();
    open++;
    socket.once("close", () => open--);
    sockets.push(socket);
  });
  let sent = 0;
  const drip = setInterval(() => {
    for (const socket of sockets) socket.write(frame.subarray(sent, sent + 1));
    sent++;
  }, 1000);
  const grown = await broker.boundsMemory(32 * mib, async () => {
    await healthy.goesOn(20);
    while (open > 0) await new Promise((wake) => setTimeout(wake, 50));
  });
  clearInterval(drip);
  context.diagnostic(`grew by ${(grown / mib).toFixed(1)} MiB`);
  await healthy.goesOn();
});

test("a flood of 2,000 connections is taken or refused, and the healthy client is served", async (context) => {
  const grown = await broker.boundsMemory(96 * mib, async () => {
    const flood = Array.from({ length: 2000 }, () => {
      const socket = connect(broker.port, "127.0.0.1");
      socket.on("error", () => {});
      return socket;
    });
    await healthy.goesOn(20);
    for (const socket of flood) socket.destroy();
  });
  context.diagnostic(`grew by ${(grown / mib).toFixed(1)} MiB`);
  const client = await broker.connect();
  await client.ask(apiKeys.ApiVersions, 0, {});
  client.socket.destroy();
});

/** A peer that asks `frame` as often as the broker lets it, and never reads. */
function deafPeer(frame: Uint8Array, count: number): Socket {
  const socket = connect(broker.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  for (let sent = 0; sent < count; sent++) socket.write(frame);
  return socket;
}

test("peers that fetch and never read hold themselves up", async (context) => {
  const client = await broker.connect();
  await createTopic(client, "large", 1);
  const value = new Uint8Array(900_000).fill(7);
  for (let count = 0; count < 10; count++) {
    assert.equal((await produce(client, "large", smallBatch(value))).errorCode, 0);
  }
  const fetchAll = requestFrame(apiKeys.Fetch, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic: "large",
        topicId: "AAAAAAAAAAAAAAAAAAAAAA",
        partitions: [
          {
            partition: 0,
            currentLeaderEpoch: -1,
            fetchOffset: 0n,
            lastFetchedEpoch: -1,
            logStartOffset: -1n,
            partitionMaxBytes: 10_000_000,
            replicaDirectoryId: "AAAAAAAAAAAAAAAAAAAAAA",
            highWatermark: 0x7fffffffffffffffn,
          },
        ],
      },
    ],
  });
  const grown = await broker.boundsMemory(160 * mib, async () => {
    const peers = Array.from({ length: 20 }, () => deafPeer(fetchAll, 500));
    await healthy.goesOn(30);
    for (const peer of peers) peer.destroy();
  });
  context.diagnostic(`20 deaf fetchers: grew by ${(grown / mib).toFixed(1)} MiB`);
  client.socket.destroy();
});

test("200 peers that each fetch 50 MB from disk and read nothing share one budget", async (context) => {
  const client = await broker.connect();
  await createTopic(client, "cold", 1, [{ name: "max.message.bytes", value: "2000000" }]);
  const value = new Uint8Array(1_000_000).fill(7);
  // More than the tail keeps in memory.
  for (let count = 0; count < 70; count++) {
    assert.equal((await produce(client, "cold", smallBatch(value))).errorCode, 0);
  }
  const partitions = [makeFetchRequestFetchPartition({ fetchOffset: 0n, partitionMaxBytes: 52_428_800 })];
  const fetchAll = requestFrame(apiKeys.Fetch, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 52_428_800,
    sessionEpoch: -1,
    topics: [{ topic: "cold", topicId: "AAAAAAAAAAAAAAAAAAAAAA", partitions }],
  });
  const grown = await broker.boundsMemory(400 * mib, async () => {
    const peers = Array.from({ length: 200 }, () => deafPeer(fetchAll, 1));
    await healthy.goesOn(60);
    assert.ok((await fetchRecords(client, "cold", 0n)).length > 1_000_000, "others still read from disk");
    for (const peer of peers) peer.destroy();
  });
  context.diagnostic(`200 deaf readers of 50 MB: grew by ${(grown / mib).toFixed(1)} MiB`);
  const { metrics } = await broker.report();
  context.diagnostic(metrics.filter((line) => line.includes("output_dropped")).join());
  client.socket.destroy();
});

test("requests sent ahead without reading wait in bounds", async (context) => {
  const describe = requestFrame(apiKeys.DescribeConfigs, 4, {
    resources: [{ resourceType: 4, resourceName: "1", configurationKeys: null }],
    includeSynonyms: true,
  });
  const grown = await broker.boundsMemory(160 * mib, async () => {
    const peers = Array.from({ length: 20 }, () => deafPeer(describe, 2000));
    await healthy.goesOn(30);
    for (const peer of peers) peer.destroy();
  });
  context.diagnostic(`20 peers that ask ahead: grew by ${(grown / mib).toFixed(1)} MiB`);
});

test("the healthy client lost nothing, no handler failed, no connection is left", async (context) => {
  context.diagnostic(`p99 of ${healthy.produced} round trips: ${Math.round(await healthy.stop())} ms`);
  let { connections, bugs } = await broker.report();
  for (let tries = 0; tries < 100 && connections > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ connections, bugs } = await broker.report());
  }
  assert.equal(bugs, 0);
  assert.equal(connections, 0);
});

test("limits on connections hold: in all, from one address, idle ones go", async () => {
  const small = await ObservedBroker.start({
    "max.connections": "40",
    "max.connections.per.ip": "30",
    "connections.max.idle.ms": "2000",
  });
  try {
    const clients = await Promise.all(Array.from({ length: 60 }, () => WireClient.connect(small.port)));
    // Whoever is refused is closed at once; the others when idle for too long.
    const asked = clients.map(async (client) => {
      client.socket.write(requestFrame(apiKeys.ApiVersions, 0, {}));
      return (await client.receive()) !== null;
    });
    const served = (await Promise.all(asked)).filter(Boolean).length;
    assert.equal(served, 30);
    await Promise.all(clients.map((client) => client.closed()));
    const next = await WireClient.connect(small.port);
    assert.ok((await next.ask(apiKeys.ApiVersions, 0, {})).apiKeys.length > 0);
    next.socket.destroy();
  } finally {
    await small.remove();
  }
});

test("the limit for an address is that of each address, and an override that of one", async () => {
  const small = await ObservedBroker.start({
    "max.connections.per.ip": "3",
    "max.connections.per.ip.overrides": "127.0.0.77:5",
  });
  try {
    const servedFrom = async (localAddress: string): Promise<number> => {
      const sockets = Array.from({ length: 8 }, () =>
        connect({ host: "127.0.0.1", port: small.port, localAddress }),
      );
      const outcomes = sockets.map(
        (socket) =>
          new Promise<boolean>((resolve) => {
            socket.on("error", () => resolve(false));
            socket.once("close", () => resolve(false));
            socket.once("data", () => resolve(true));
            socket.write(requestFrame(apiKeys.ApiVersions, 0, {}));
          }),
      );
      const served = (await Promise.all(outcomes)).filter(Boolean).length;
      return served;
    };
    for (let host = 2; host < 20; host++) assert.equal(await servedFrom(`127.0.0.${host}`), 3);
    assert.equal(await servedFrom("127.0.0.77"), 5);
  } finally {
    await small.remove();
  }
});

test("connections beyond the rate wait in the backlog and are served later", async () => {
  const slow = await ObservedBroker.start({ "max.connection.creation.rate": "20" });
  try {
    const clients = await Promise.all(Array.from({ length: 60 }, () => WireClient.connect(slow.port)));
    const answers = clients.map((client) => client.ask(apiKeys.ApiVersions, 0, {}));
    for (const answer of await Promise.all(answers)) assert.equal(answer.errorCode, 0);
    for (const client of clients) client.socket.destroy();
  } finally {
    await slow.remove();
  }
});
