import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ApiVersionsResponse,
  apiKeys,
  decodeApiVersionsResponse,
  errors,
  type MetadataResponse,
  Reader,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { RequestServer } from "../request-server.ts";
import { type ControlPlaneBroker, controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { FakeClient, requestFrame } from "../testing/fake-client.ts";
import { testTopic } from "../testing/test-topic.ts";

function serve(settings: Readonly<Record<string, string>> = {}): ControlPlaneBroker & {
  connect(port?: number): FakeClient;
} {
  const control = controlPlaneBroker({
    topics: [testTopic("t", "TTTTTTTTTTTTTTTTTTTTTA" as Uuid)],
    settings: { listeners: "PLAINTEXT://broker-1:9092,CONTROLLER://broker-1:9093", ...settings },
  });
  const server = new RequestServer(control.broker);
  server.listen(control.broker.config.listeners, () => server.startAccepting());
  const clientNode = control.world.node("client");
  return {
    ...control,
    connect: (port = 9092) => FakeClient.connect(control.world, clientNode, "broker-1", port),
  };
}

/** A frame of key, version, correlation id and whatever follows. */
function rawFrame(key: number, version: number, rest: readonly number[] = []): Uint8Array {
  const frame = new Uint8Array(12 + rest.length);
  const view = new DataView(frame.buffer);
  view.setInt32(0, frame.length - 4);
  view.setInt16(4, key);
  view.setInt16(6, version);
  view.setInt32(8, 99);
  frame.set(rest, 12);
  return frame;
}

/** From here on every look at the metadata is a bug. */
function breakImage(server: ControlPlaneBroker): void {
  const broken = {
    get image(): never {
      throw new TypeError("a bug");
    },
  };
  Object.assign(server.broker, { metadata: broken });
}

const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" };

test("a version of ApiVersions that is not served is answered as version 0 with the range that is", () => {
  for (const version of [5, 99, 32_767, -1]) {
    const client = serve().connect();
    client.send(rawFrame(apiKeys.ApiVersions, version, [1, 2, 3]));
    const reader = new Reader(client.receive() ?? new Uint8Array(0));
    assert.equal(reader.int32(), 99);
    const answer = decodeApiVersionsResponse(reader, 0);
    assert.equal(answer.errorCode, errors.UNSUPPORTED_VERSION.code);
    assert.deepEqual(answer.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    assert.notEqual(client.ask(apiKeys.ApiVersions, 0, {}), null, "the connection lives on");
  }
});

test("an unknown API key, and one of the other listener, closes the connection", () => {
  const server = serve();
  for (const key of [-1, 4, 7, 95, 127, 32_767, apiKeys.Vote, apiKeys.BrokerRegistration]) {
    const client = server.connect();
    client.send(rawFrame(key, 0));
    assert.equal(client.receive(), null, `key ${key}`);
    assert.equal(client.isClosed, true);
  }
  const controllerClient = server.connect(9093);
  controllerClient.send(rawFrame(apiKeys.Metadata, 0));
  assert.equal(controllerClient.receive(), null);
});

test("an unsupported version of any API but ApiVersions closes the connection", () => {
  const server = serve();
  for (const { key, minVersion, maxVersion } of server.broker.servedApis("PLAINTEXT")) {
    if (key === apiKeys.ApiVersions) continue;
    for (const version of [-1, minVersion - 1, maxVersion + 1]) {
      const client = server.connect();
      client.send(rawFrame(key, version));
      assert.equal(client.receive(), null, `key ${key} version ${version}`);
      client.end();
    }
  }
});

test("Produce 0 to 2 are advertised and refused", () => {
  const client = serve().connect();
  const answer = client.ask(apiKeys.ApiVersions, 4, software) as ApiVersionsResponse;
  assert.equal(answer.apiKeys.find(({ apiKey }) => apiKey === apiKeys.Produce)?.minVersion, 0);
  client.send(rawFrame(apiKeys.Produce, 2));
  assert.equal(client.receive(), null);
});

/** The bytes as a frame of their length. */
function reframed(bytes: Uint8Array): Uint8Array {
  const frame = bytes.slice();
  new DataView(frame.buffer).setInt32(0, frame.length - 4);
  return frame;
}

test("a request that ends early closes the connection", () => {
  const server = serve();
  const whole = requestFrame(apiKeys.Metadata, 12, { topics: [{ name: "t", topicId: ZERO_UUID }] });
  const client = server.connect();
  client.send(reframed(whole.subarray(0, -3)));
  assert.equal(client.receive(), null);
  assert.equal(server.broker.metrics.requests.refused.get("malformed")?.value, 1);
});

test("bytes behind a request are not looked at: librdkafka sends three behind its Metadata", () => {
  const server = serve();
  const whole = requestFrame(apiKeys.Metadata, 12, { topics: [{ name: "t", topicId: ZERO_UUID }] });
  const client = server.connect();
  client.send(reframed(Uint8Array.from([...whole, 0, 0, 0])));
  assert.notEqual(client.receive(), null);
});

test("a frame too short for a header closes the connection, an empty one too", () => {
  const server = serve();
  for (const frame of [Uint8Array.of(0, 0, 0, 0), Uint8Array.of(0, 0, 0, 3, 1, 2, 3)]) {
    const client = server.connect();
    client.send(frame);
    assert.equal(client.receive(), null);
  }
});

test("what one peer sends wrong is logged once per interval", () => {
  const server = serve();
  for (let count = 0; count < 5; count++) {
    const client = server.connect();
    client.send(rawFrame(999, 0));
    client.receive();
  }
  assert.equal(server.logged.filter(({ level }) => level === "warn").length, 1);
});

test("answers carry the correlation ids of their requests, in order", () => {
  const client = serve().connect();
  for (const id of [5, -1, 2_147_483_647]) client.send(requestFrame(apiKeys.ApiVersions, 0, {}, id));
  const ids = [1, 2, 3].map(() => new Reader(client.receive() ?? new Uint8Array(4)).int32());
  assert.deepEqual(ids, [5, -1, 2_147_483_647]);
});

test("a bug in a handler that only reads is UNKNOWN_SERVER_ERROR, counted and logged, and the broker goes on", () => {
  const server = serve();
  breakImage(server);
  const client = server.connect();
  const answer = client.ask(apiKeys.Metadata, 13, {
    topics: [{ name: "t", topicId: ZERO_UUID }],
  }) as MetadataResponse;
  assert.equal(answer.errorCode, errors.UNKNOWN_SERVER_ERROR.code);
  assert.equal(server.broker.metrics.requests.api(3, "Metadata").bugs.value, 1);
  assert.ok(server.logged.some(({ level }) => level === "error"));
  assert.notEqual(client.ask(apiKeys.ApiVersions, 0, {}), null);
});

test("a bug in a handler that changes state stops the process", () => {
  const server = serve();
  breakImage(server);
  const client = server.connect();
  client.send(
    requestFrame(apiKeys.Produce, 9, {
      acks: 1,
      topicData: [
        { name: "t", topicId: ZERO_UUID, partitionData: [{ index: 0, records: new Uint8Array(100) }] },
      ],
    }),
  );
  client.receive(1000);
  assert.equal(server.world.halts.length, 1);
});

test("hostile names are ordinary names", () => {
  const client = serve().connect();
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const answer = client.ask(apiKeys.Metadata, 12, {
      topics: [{ name, topicId: ZERO_UUID }],
      allowAutoTopicCreation: false,
    }) as MetadataResponse;
    assert.equal(answer.topics[0]?.errorCode, errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  }
});

test("the process ends a listener's connections when an address has too many, others are served", () => {
  const server = serve({ "max.connections.per.ip": "2" });
  const clients = [server.connect(), server.connect(), server.connect()];
  const served = clients.map((client) => client.ask(apiKeys.ApiVersions, 0, {}) !== null);
  assert.deepEqual(served, [true, true, false]);
  clients[0]?.end();
  server.world.run({ ms: 100 });
  assert.notEqual(server.connect().ask(apiKeys.ApiVersions, 0, {}), null);
});

test("a full house makes new connections wait until one goes", () => {
  const server = serve({ "max.connections": "2" });
  const clients = [server.connect(), server.connect()];
  const third = server.connect();
  third.send(requestFrame(apiKeys.ApiVersions, 0, {}));
  assert.equal(third.receive(1000), null);
  assert.equal(third.isClosed, false);
  clients[0]?.end();
  assert.notEqual(third.receive(1000), null);
});

test("a frame that trickles in is cut off, and an idle connection is closed", () => {
  const server = serve({ "connections.max.idle.ms": "60000" });
  const slow = server.connect();
  slow.send(requestFrame(apiKeys.ApiVersions, 0, {}).subarray(0, 6));
  const idle = server.connect();
  server.world.run({ ms: 33_000 });
  assert.deepEqual([slow.isClosed, idle.isClosed], [true, false]);
  server.world.run({ ms: 30_000 });
  assert.equal(idle.isClosed, true);
});
