import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import {
  apiKeys,
  decodeMetadataResponse,
  encodeApiVersionsResponse,
  encodeMetadataRequest,
  encodeMetadataResponse,
  errors,
  type MetadataRequest,
  type MetadataResponse,
  makeApiVersionsResponse,
  makeMetadataRequest,
  makeMetadataResponse,
} from "@ottla/protocol";
import type { RpcApi, RpcResult } from "./rpc-api.ts";
import { RpcConnection, type RpcOptions } from "./rpc-connection.ts";
import { RpcError } from "./rpc-error.ts";
import { type ArrivedRequest, answerVersions, framed, scriptedBroker } from "./testing/scripted-broker.ts";

const metadataApi: RpcApi<MetadataRequest, MetadataResponse> = {
  key: apiKeys.Metadata,
  encodeRequest: encodeMetadataRequest,
  decodeResponse: decodeMetadataResponse,
};

const SERVED = new Map([[apiKeys.Metadata, [0, 12]] as const]);

interface Scene {
  readonly world: FakeWorld;
  readonly options: RpcOptions;
  /** What became of the connection. */
  readonly ends: RpcError[];
}

function scene(
  onRequest: ((request: ArrivedRequest) => void) | null,
  overrides: Partial<RpcOptions> = {},
): Scene {
  const world = new FakeWorld({ seed: 7 });
  const broker = world.node("broker");
  if (onRequest !== null) scriptedBroker(broker, 9092, onRequest);
  const ends: RpcError[] = [];
  const options: RpcOptions = {
    ports: world.node("client").ports,
    host: "broker",
    port: 9092,
    clientId: "c",
    softwareName: "ottla",
    softwareVersion: "1",
    connectTimeoutMs: 1000,
    requestTimeoutMs: 1000,
    inFlightMax: 5,
    responseBytesMax: 1024 * 1024,
    onClose: (error) => ends.push(error),
    ...overrides,
  };
  world.run({ ms: 100 });
  return { world, options, ends };
}

function opened({ world, options }: Scene): RpcConnection | RpcError {
  const results: (RpcConnection | RpcError)[] = [];
  RpcConnection.open(options, (result) => results.push(result));
  assert.equal(results.length, 0);
  world.run({ until: () => results.length > 0, ms: 60_000 });
  assert.equal(results.length, 1);
  return results[0] as RpcConnection | RpcError;
}

function connected(at: Scene): RpcConnection {
  const result = opened(at);
  if (result instanceof RpcError) throw result;
  return result;
}

function refused(at: Scene): RpcError {
  const result = opened(at);
  assert.ok(result instanceof RpcError);
  return result;
}

function ask(connection: RpcConnection, timeoutMs?: number): RpcResult<MetadataResponse>[] {
  const results: RpcResult<MetadataResponse>[] = [];
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  connection.send(
    metadataApi,
    () => makeMetadataRequest(),
    options,
    (result) => results.push(result),
  );
  return results;
}

function serve(request: ArrivedRequest, onMetadata: (request: ArrivedRequest) => void): void {
  if (request.header.requestApiKey === apiKeys.ApiVersions) answerVersions(request, SERVED);
  else onMetadata(request);
}

function answerMetadata(request: ArrivedRequest, clusterId: string): void {
  const response = makeMetadataResponse({ clusterId });
  request.answer((writer) => encodeMetadataResponse(writer, response, request.header.requestApiVersion));
}

function reasonOf(result: RpcResult<unknown> | undefined): string {
  return result === undefined ? "none" : result.kind === "failed" ? result.error.reason : "response";
}

test("answers are matched with requests in order and in the highest common version", () => {
  let count = 0;
  const at = scene((request) => serve(request, (each) => answerMetadata(each, `cluster ${count++}`)));
  const connection = connected(at);
  assert.equal(connection.highestVersion(apiKeys.Metadata), 12);
  assert.equal(connection.highestVersion(apiKeys.Metadata, 9), 9);
  assert.equal(connection.highestVersion(apiKeys.Fetch), null);
  const [first, second] = [ask(connection), ask(connection)];
  assert.equal(connection.inFlight, 2);
  assert.equal(first.length, 0);
  at.world.run({ until: () => second.length > 0 });
  const clusters = [first[0], second[0]].map((each) => each?.kind === "response" && each.response.clusterId);
  assert.deepEqual(clusters, ["cluster 0", "cluster 1"]);
});

test("a broker that knows an older ApiVersions only is asked again in that version", () => {
  const asked: number[] = [];
  const at = scene((request) => {
    asked.push(request.header.requestApiVersion);
    if (request.header.requestApiVersion === 2) {
      answerVersions(request, SERVED);
      return;
    }
    const response = makeApiVersionsResponse({
      errorCode: errors.UNSUPPORTED_VERSION.code,
      apiKeys: [{ apiKey: apiKeys.ApiVersions, minVersion: 0, maxVersion: 2 }],
    });
    request.answer((writer) => encodeApiVersionsResponse(writer, response, 0));
  });
  connected(at);
  assert.deepEqual(asked, [4, 2]);
});

test("a broker that answers an unknown version with no list is asked in version 0", () => {
  const asked: number[] = [];
  const at = scene((request) => {
    asked.push(request.header.requestApiVersion);
    if (request.header.requestApiVersion === 0) answerVersions(request, SERVED);
    else request.answer((writer) => writer.raw(Uint8Array.of(0, 35, 0, 0, 0, 0)));
  });
  connected(at);
  assert.deepEqual(asked, [4, 0]);
});

test("nobody at the address is a failed connect", () => {
  assert.equal(refused(scene(null)).reason, "connect-failed");
});

test("a broker that closes during the exchange of versions is a lost connection", () => {
  const at = scene((request) => request.connection.destroy());
  assert.equal(refused(at).reason, "disconnected");
  at.world.run({ ms: 5000 });
  assert.deepEqual(at.ends, []);
});

test("a silent broker fails the open when the request's time is over", () => {
  assert.equal(refused(scene(() => {})).reason, "timed-out");
});

test("a lost connection fails all requests in flight once, then tells its owner", () => {
  const at = scene((request) => serve(request, (each) => each.connection.destroy()));
  const connection = connected(at);
  const all = [ask(connection), ask(connection)];
  at.world.run({ until: () => at.ends.length > 0 });
  assert.deepEqual(
    all.map((each) => each.map(reasonOf)),
    [["disconnected"], ["disconnected"]],
  );
  assert.equal(connection.isClosed, true);
  assert.equal(connection.canSend, false);
});

test("the request without an answer timed out, those behind it were disconnected", () => {
  const at = scene((request) => serve(request, () => {}));
  const connection = connected(at);
  const late = ask(connection, 100);
  const behind = ask(connection, 5000);
  const startMs = at.world.nowMs;
  at.world.run({ until: () => at.ends.length > 0 });
  assert.deepEqual([reasonOf(late[0]), reasonOf(behind[0])], ["timed-out", "disconnected"]);
  const tookMs = at.world.nowMs - startMs;
  assert.ok(tookMs >= 100 && tookMs < 110);
});

test("an answer in time leaves no timer that ends the connection", () => {
  const at = scene((request) => serve(request, (each) => answerMetadata(each, "x")));
  const connection = connected(at);
  ask(connection, 100);
  at.world.run({ ms: 10_000 });
  assert.equal(connection.isClosed, false);
});

test("a request without a common version fails and is not sent", () => {
  const at = scene((request) => serve(request, () => assert.fail("it was sent")));
  const connection = connected(at);
  const results: RpcResult<unknown>[] = [];
  connection.send(
    { ...metadataApi, key: apiKeys.Fetch },
    () => makeMetadataRequest(),
    {},
    (result) => results.push(result),
  );
  assert.equal(results.length, 0);
  at.world.run({ ms: 10 });
  assert.deepEqual(results.map(reasonOf), ["unsupported-version"]);
});

test("a bound on requests in flight is told beforehand", () => {
  const at = scene((request) => serve(request, () => {}), { inFlightMax: 2 });
  const connection = connected(at);
  ask(connection);
  assert.equal(connection.canSend, true);
  ask(connection);
  assert.equal(connection.canSend, false);
  assert.throws(() => ask(connection), /may not be sent/);
});

test("an announced length above the bound costs no memory and ends the connection", () => {
  const at = scene((request) =>
    serve(request, (each) => each.connection.send([Uint8Array.of(0x7f, 0xff, 0xff, 0xff)], () => {})),
  );
  const result = ask(connected(at));
  at.world.run({ until: () => at.ends.length > 0 });
  assert.equal(reasonOf(result[0]), "too-large");
});

test("bytes that are no answer end the connection", () => {
  const cases = [Uint8Array.of(0, 0, 0, 1, 0, 0xff, 0xff), Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 0)];
  for (const body of cases) {
    const at = scene((request) => serve(request, (each) => each.connection.send([framed(body)], () => {})));
    const result = ask(connected(at));
    at.world.run({ until: () => at.ends.length > 0 });
    assert.equal(reasonOf(result[0]), "malformed");
  }
});

test("an answer that nobody asked for ends the connection", () => {
  const at = scene((request) => {
    answerVersions(request, SERVED);
    request.connection.send([framed(Uint8Array.of(0, 0, 0, 5))], () => {});
  });
  opened(at);
  at.world.run({ until: () => at.ends.length > 0, ms: 1000 });
  assert.deepEqual(
    at.ends.map(({ reason }) => reason),
    ["malformed"],
  );
});

test("closing fails what is in flight, once, in a later turn", () => {
  const at = scene((request) => serve(request, (each) => answerMetadata(each, "x")));
  const connection = connected(at);
  const result = ask(connection);
  connection.close();
  connection.close();
  assert.equal(result.length, 0);
  at.world.run({ ms: 1000 });
  assert.deepEqual(result.map(reasonOf), ["closed"]);
  assert.equal(at.ends.length, 1);
});

test("a request without an answer is done when its bytes have left", () => {
  const arrivedKeys: number[] = [];
  const at = scene((request) => serve(request, (each) => arrivedKeys.push(each.header.requestApiKey)));
  const connection = connected(at);
  const results: (RpcError | null)[] = [];
  connection.sendUnanswered(
    metadataApi,
    () => makeMetadataRequest(),
    {},
    (error) => results.push(error),
  );
  assert.equal(connection.inFlight, 0);
  at.world.run({ ms: 1000 });
  assert.deepEqual(results, [null]);
  assert.deepEqual(arrivedKeys, [apiKeys.Metadata]);
});

function answerThrottled(request: ArrivedRequest, throttleTimeMs: number): void {
  const version = request.header.requestApiVersion;
  const response = makeMetadataResponse({ throttleTimeMs });
  request.answer((writer) => encodeMetadataResponse(writer, response, version));
}

test("after an answer that tells a throttle time nothing is sent until it is over (KIP-219)", () => {
  const at = scene((request) => serve(request, (each) => answerThrottled(each, 300)));
  const connection = connected(at);
  const [result] = [ask(connection)];
  at.world.run({ until: () => result.length > 0 });
  const answeredMs = at.options.ports.clock.monotonicMs();
  assert.equal(connection.throttledUntilMs, answeredMs + 300);
  assert.equal(connection.canSend, false);
  assert.throws(() => ask(connection), /may not be sent/);
  at.world.run({ ms: 299 });
  assert.equal(connection.canSend, false);
  at.world.run({ ms: 2 });
  assert.equal(connection.canSend, true);
});

test("a version of before KIP-219 was throttled by the broker, and nobody waits again", () => {
  const at = scene((request) => serve(request, (each) => answerThrottled(each, 300)));
  const connection = connected(at);
  const results: RpcResult<MetadataResponse>[] = [];
  const note = (result: RpcResult<MetadataResponse>) => results.push(result);
  connection.send(metadataApi, () => makeMetadataRequest(), { version: 5 }, note);
  at.world.run({ until: () => results.length > 0 });
  assert.equal(connection.canSend, true);
});

test("numbers of requests come from whoever shares them, and answers tell them", () => {
  let next = 40;
  const at = scene((request) => serve(request, (each) => answerMetadata(each, "c")), {
    nextCorrelationId: () => next++,
  });
  const results = ask(connected(at));
  at.world.run({ until: () => results.length > 0 });
  assert.equal(results[0]?.kind === "response" && results[0].correlationId, 41);
});

test("an observer is told of connections, bytes, latencies and throttle times", () => {
  const told: string[] = [];
  const at = scene((request) => serve(request, (each) => answerThrottled(each, 7)), {
    observer: {
      opened: () => told.push("opened"),
      closed: () => told.push("closed"),
      sent: (bytes) => told.push(bytes > 0 ? "sent" : "nothing sent"),
      received: (bytes) => told.push(bytes > 0 ? "received" : "nothing received"),
      answered: (apiKey, latencyMs, throttleMs) =>
        told.push(`${apiKey} ${latencyMs > 0 ? "late" : "at once"} ${throttleMs}`),
    },
  });
  const connection = connected(at);
  assert.deepEqual(told, ["sent", "received", "18 late 0", "opened"]);
  const results = ask(connection);
  at.world.run({ until: () => results.length > 0 });
  assert.deepEqual(told.slice(4), ["sent", "received", "3 late 7"]);
  connection.close();
  at.world.run({ ms: 10 });
  assert.deepEqual(told.slice(7), ["closed"]);
});
