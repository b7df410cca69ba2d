import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionLimits } from "../limits.ts";
import { ConnectionMetrics } from "../metrics/connection-metrics.ts";
import { TestTransport } from "../testing/test-transport.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ConnectionServices } from "./connection-services.ts";
import { FrameMemory } from "./frame-memory.ts";
import { OutputMemory } from "./output-memory.ts";
import type { ReplySlot } from "./reply-slot.ts";

const produceKey = 0;
const metadataKey = 3;

interface Started {
  readonly slot: ReplySlot;
  readonly key: number;
  /** The byte after the key, by which a test knows its request. */
  readonly mark: number;
}

interface Harness {
  readonly connection: ClientConnection;
  readonly transport: TestTransport;
  readonly memory: FrameMemory;
  readonly output: OutputMemory;
  readonly started: Started[];
  readonly complaints: string[];
  readonly clock: { nowMs: number };
  /** `onStart` is called for each request as it starts. */
  readonly hooks: { onStart: (started: Started) => void };
  /** The end of a turn. */
  flush(): void;
  marks(): number[];
}

function harness(bytesLimit = 64 * 1024 * 1024): Harness {
  const transport = new TestTransport();
  const memory = new FrameMemory({ bytesLimit, poisons: true });
  const output = new OutputMemory({ bytesLimit: 64 * 1024 * 1024, lentBytes: () => 0 });
  const started: Started[] = [];
  const complaints: string[] = [];
  let isFlushDue = false;
  const clock = { nowMs: 0 };
  const hooks = { onStart: (_started: Started): void => {} };
  const services: ConnectionServices = {
    memory,
    output,
    metrics: new ConnectionMetrics(),
    frameBytesMax: 100 * 1024 * 1024,
    idleMs: 600_000,
    frameReceiveMs: 30_000,
    nowMs: () => clock.nowMs,
    start: (_connection, slot, frame) => {
      const one = { slot, key: frame[1] ?? -1, mark: frame[2] ?? -1 };
      started.push(one);
      hooks.onStart(one);
    },
    requestFlush: () => {
      isFlushDue = true;
    },
    closed: () => {},
    complain: (_address, message) => complaints.push(message),
  };
  const state = {
    isAuthenticated: true,
    principal: "User:ANONYMOUS",
    clientSoftwareName: null,
    clientSoftwareVersion: null,
  };
  const connection = new ClientConnection(transport, "PLAINTEXT", state, services);
  return {
    connection,
    transport,
    memory,
    output,
    started,
    complaints,
    clock,
    hooks,
    flush: () => {
      for (let turns = 0; isFlushDue && turns < 100; turns++) {
        isFlushDue = false;
        connection.flush();
      }
    },
    marks: () => started.map(({ mark }) => mark),
  };
}

function request(key: number, mark: number, bytes = 16): Uint8Array {
  const frame = new Uint8Array(4 + bytes);
  new DataView(frame.buffer).setInt32(0, bytes);
  frame[5] = key;
  frame[6] = mark;
  return frame;
}

function stream(...frames: Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

function answer(started: Started | undefined, value = started?.mark ?? 0): void {
  started?.slot.answer([Uint8Array.of(value)], null);
}

test("pipelined requests that are answered at once leave in one write", () => {
  const h = harness();
  h.hooks.onStart = (started) => answer(started);
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2), request(metadataKey, 3)));
  h.flush();
  assert.deepEqual(h.transport.writes, [Uint8Array.of(1, 2, 3)]);
});

test("the next request starts only when the one before was answered", () => {
  const h = harness();
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2), request(metadataKey, 3)));
  assert.deepEqual(h.marks(), [1]);
  answer(h.started[0]);
  assert.deepEqual(h.marks(), [1], "nothing starts inside somebody's reply");
  h.flush();
  assert.deepEqual(h.marks(), [1, 2]);
  answer(h.started[1]);
  h.flush();
  answer(h.started[2]);
  h.flush();
  assert.deepEqual(h.transport.writes, [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  assert.equal(h.memory.usedBytes, 0);
});

test("a Produce starts once the Produce before it has appended, and answers keep their order", () => {
  const h = harness();
  h.hooks.onStart = ({ slot }) => slot.markAppended();
  h.connection.onBytes(stream(request(produceKey, 1), request(produceKey, 2), request(produceKey, 3)));
  assert.deepEqual(h.marks(), [1, 2, 3]);
  answer(h.started[2]);
  answer(h.started[1]);
  h.flush();
  assert.deepEqual(h.transport.writes, []);
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.transport.writes, [Uint8Array.of(1, 2, 3)]);
});

test("a Produce does not overtake one that is still being validated", () => {
  const h = harness();
  h.connection.onBytes(stream(request(produceKey, 1), request(produceKey, 2)));
  assert.deepEqual(h.marks(), [1]);
  h.started[0]?.slot.markAppended();
  h.flush();
  assert.deepEqual(h.marks(), [1, 2]);
});

test("another request waits for all acks of the Produces before it", () => {
  const h = harness();
  h.hooks.onStart = ({ slot }) => slot.markAppended();
  h.connection.onBytes(stream(request(produceKey, 1), request(produceKey, 2), request(metadataKey, 3)));
  answer(h.started[1]);
  h.flush();
  assert.deepEqual(h.marks(), [1, 2]);
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.marks(), [1, 2, 3]);
});

test("the number of Produces that wait for their ack is bounded", () => {
  const h = harness();
  h.hooks.onStart = ({ slot }) => slot.markAppended();
  const many = Array.from({ length: connectionLimits.producesInFlightMax + 5 }, () => request(produceKey, 1));
  h.connection.onBytes(stream(...many));
  assert.equal(h.started.length, connectionLimits.producesInFlightMax);
  answer(h.started[0]);
  h.flush();
  assert.equal(h.started.length, connectionLimits.producesInFlightMax + 1);
});

test("reading stops when too much waits behind a request, and goes on when it was answered", () => {
  const h = harness();
  h.connection.onBytes(request(metadataKey, 1));
  h.connection.onBytes(request(metadataKey, 2, 1000));
  assert.equal(h.transport.isPaused, false);
  h.connection.onBytes(request(metadataKey, 3, connectionLimits.backlogBytesMax + 1));
  assert.equal(h.transport.isPaused, true);
  h.hooks.onStart = (started) => answer(started);
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.marks(), [1, 2, 3]);
  assert.equal(h.transport.isPaused, false);
  assert.equal(h.memory.usedBytes, 0);
});

test("no request starts while the peer does not read its replies", () => {
  const h = harness();
  h.transport.drainsAtOnce = false;
  const large = new Uint8Array(connectionLimits.outputBytesMax + 1);
  h.hooks.onStart = ({ slot }) => slot.answer([large], null);
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2)));
  h.flush();
  assert.deepEqual(h.marks(), [1]);
  h.connection.onBytes(request(metadataKey, 3));
  assert.equal(h.transport.isPaused, true);
  h.transport.drain();
  h.flush();
  assert.deepEqual(h.marks(), [1, 2]);
});

test("what a reply lends is given back once, when the bytes left", () => {
  const h = harness();
  h.transport.drainsAtOnce = false;
  let returned = 0;
  h.hooks.onStart = ({ slot }) => slot.answer([Uint8Array.of(1)], () => returned++);
  h.connection.onBytes(request(metadataKey, 1));
  h.flush();
  assert.equal(returned, 0);
  h.transport.drain();
  assert.equal(returned, 1);
});

test("when the connection goes, replies to come are dropped but what they lend is given back", () => {
  const h = harness();
  let returned = 0;
  let gone = 0;
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2)));
  h.started[0]?.slot.whenGone(() => gone++);
  h.connection.onClose(null);
  assert.equal(gone, 1);
  h.started[0]?.slot.answer([Uint8Array.of(1)], () => returned++);
  assert.equal(returned, 1);
  assert.deepEqual(h.transport.writes, []);
  assert.equal(h.memory.usedBytes, 0);
});

test("a request that was answered is not told that its connection went", () => {
  const h = harness();
  let gone = 0;
  h.connection.onBytes(request(metadataKey, 1));
  h.started[0]?.slot.whenGone(() => gone++);
  answer(h.started[0]);
  h.connection.onClose(null);
  assert.equal(gone, 0);
});

test("a request that closes the connection lets the replies before it out first", () => {
  const h = harness();
  h.hooks.onStart = ({ slot }) => slot.markAppended();
  h.connection.onBytes(stream(request(produceKey, 1), request(produceKey, 2), request(produceKey, 3)));
  h.started[1]?.slot.closeWhenReached("an acks=0 Produce failed");
  h.started[1]?.slot.answer([], null);
  answer(h.started[2]);
  h.flush();
  assert.equal(h.transport.hasEnded, false);
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.transport.writes, [Uint8Array.of(1)]);
  assert.equal(h.transport.hasEnded, true);
});

test("a frame of a bad length ends the connection with one complaint", () => {
  const h = harness();
  h.connection.onBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3));
  assert.equal(h.transport.isDestroyed, true);
  assert.equal(h.complaints.length, 1);
});

test("a frame that takes too long to arrive ends the connection", () => {
  const h = harness();
  const frame = request(metadataKey, 1, 100);
  h.connection.onBytes(frame.subarray(0, 10));
  h.clock.nowMs = 29_000;
  h.connection.onBytes(frame.subarray(10, 11));
  h.connection.sweep(h.clock.nowMs);
  assert.equal(h.transport.isDestroyed, false);
  h.clock.nowMs = 30_001;
  h.connection.sweep(h.clock.nowMs);
  assert.equal(h.transport.isDestroyed, true);
});

test("an idle connection is closed, one with a request under way is not", () => {
  const idle = harness();
  idle.clock.nowMs = 600_001;
  idle.connection.sweep(idle.clock.nowMs);
  assert.equal(idle.transport.isDestroyed, true);
  const busy = harness();
  busy.connection.onBytes(request(metadataKey, 1));
  busy.clock.nowMs = 600_001;
  busy.connection.sweep(busy.clock.nowMs);
  assert.equal(busy.transport.isDestroyed, false);
});

test("over the memory budget a connection that holds memory stops reading", () => {
  const h = harness(1000);
  const other = { memoryFreed: () => {} };
  const taken = h.memory.take(5000);
  h.memory.mayRead(other);
  h.connection.onBytes(request(metadataKey, 1, 100).subarray(0, 50));
  assert.equal(h.transport.isPaused, true);
  h.memory.give(taken);
  h.flush();
  assert.equal(h.transport.isPaused, false);
});

test("draining answers what is under way and starts nothing more", () => {
  const h = harness();
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2)));
  h.connection.drain();
  assert.equal(h.transport.hasEnded, false);
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.marks(), [1]);
  assert.deepEqual(h.transport.writes, [Uint8Array.of(1)]);
  assert.equal(h.transport.hasEnded, true);
});

test("while memory for replies is short a peer with unsent replies starts nothing, one without does", () => {
  const h = harness();
  const other = { dropForMemory: () => {} };
  h.output.take(other, 64 * 1024 * 1024 + 1, false, 0);
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2)));
  assert.deepEqual(h.marks(), [1]);
  h.transport.drainsAtOnce = false;
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.marks(), [1]);
  h.transport.drain();
  h.flush();
  assert.deepEqual(h.marks(), [1, 2]);
  assert.equal(h.output.usedBytes, 64 * 1024 * 1024 + 1);
});

test("a request of more than twice the memory budget waits its turn whatever comes behind it", () => {
  const h = harness(8192);
  h.connection.onBytes(request(metadataKey, 1));
  const bytes = stream(request(metadataKey, 2, 20_000), request(metadataKey, 3));
  h.connection.onBytes(bytes.subarray(0, 10_000));
  h.connection.onBytes(bytes.subarray(10_000));
  assert.equal(h.memory.isExhausted, true);
  assert.deepEqual(h.complaints, []);
  answer(h.started[0]);
  h.flush();
  assert.deepEqual(h.marks(), [1, 2]);
  answer(h.started[1]);
  h.flush();
  assert.deepEqual(h.marks(), [1, 2, 3]);
  assert.equal(h.memory.usedBytes, 0);
});

test("without memory for what comes behind their requests, connections beyond the first are dropped", () => {
  const h = harness(8192);
  const other = { memoryFreed: () => {} };
  h.memory.take(20_000);
  assert.equal(h.memory.mayRead(other), true);
  h.connection.onBytes(stream(request(metadataKey, 1), request(metadataKey, 2), request(metadataKey, 3)));
  assert.deepEqual(h.complaints, ["closing a connection: no memory for waiting requests"]);
  assert.equal(h.transport.isDestroyed, true);
});

test("a gathered frame that is kept stays as it is until its request is answered, another is refused", () => {
  const h = harness();
  const kept: boolean[] = [];
  h.hooks.onStart = ({ slot }) => kept.push(slot.keepFrame());
  const frame = request(metadataKey, 1, 20_000);
  h.connection.onBytes(frame.subarray(0, 10_000));
  h.connection.onBytes(frame.subarray(10_000));
  assert.ok(h.memory.usedBytes >= 20_000);
  answer(h.started[0]);
  h.flush();
  assert.equal(h.memory.usedBytes, 0);
  h.connection.onBytes(request(metadataKey, 2));
  assert.deepEqual(kept, [true, false]);
  answer(h.started[1]);
  h.flush();
});

test("a frame that was kept is given back when its connection goes", () => {
  const h = harness();
  h.hooks.onStart = ({ slot }) => slot.keepFrame();
  const frame = request(metadataKey, 1, 20_000);
  h.connection.onBytes(frame.subarray(0, 10_000));
  h.connection.onBytes(frame.subarray(10_000));
  assert.ok(h.memory.usedBytes >= 20_000);
  h.connection.onClose(null);
  assert.equal(h.memory.usedBytes, 0);
});
