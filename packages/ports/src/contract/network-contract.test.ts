// What every `Network` promises, run over loopback TCP and over the fake one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Connection,
  type ConnectionEvents,
  type Listener,
  type Network,
  NetworkError,
} from "../network.ts";

/** One network to try. */
export interface NetworkHarness {
  readonly network: Network;
  /** Where to listen and connect. */
  readonly host: string;
  /** More megabytes than the transport takes from a sender whose peer does not read. */
  readonly floodMegabytes: number;
  /** Lets later turns run until the predicate holds; fails when it never does. */
  until(isDone: () => boolean): Promise<void>;
}

/** An end of a connection that keeps what it was told. */
class End implements ConnectionEvents {
  readonly connection: Connection;
  readonly received: number[] = [];
  readonly closes: (Error | null)[] = [];
  readonly sent: boolean[] = [];
  /** Set to read into buffers of this size. */
  ownBufferBytes = 0;
  ownBuffer: Uint8Array | null = null;
  ownBytes = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  nextBuffer(): Uint8Array | null {
    this.ownBuffer = this.ownBufferBytes > 0 ? new Uint8Array(this.ownBufferBytes) : null;
    return this.ownBuffer;
  }

  onBytes(view: Uint8Array): void {
    assert.deepEqual(this.closes, []);
    if (this.ownBuffer !== null && view.buffer === this.ownBuffer.buffer) this.ownBytes += view.length;
    for (const byte of view) this.received.push(byte);
  }

  onClose(error: Error | null): void {
    this.closes.push(error);
  }

  send(...parts: Uint8Array[]): void {
    this.connection.send(parts, (isSent) => this.sent.push(isSent));
  }
}

interface Pair {
  readonly server: End;
  readonly client: End;
  readonly listener: Listener;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

function pattern(length: number): Uint8Array {
  const content = new Uint8Array(length);
  for (let i = 0; i < length; i++) content[i] = (i * 31 + (i >> 8)) & 255;
  return content;
}

async function listen(
  { network, host, until }: NetworkHarness,
  accept: (connection: Connection) => ConnectionEvents | null,
): Promise<Listener> {
  const results: (Listener | NetworkError)[] = [];
  network.listen({ host, port: 0, backlog: 5 }, accept, (result) => results.push(result));
  assert.equal(results.length, 0);
  await until(() => results.length === 1);
  const [listener] = results;
  assert.ok(listener !== undefined && !(listener instanceof NetworkError));
  return listener;
}

async function pair(harness: NetworkHarness): Promise<Pair> {
  const servers: End[] = [];
  const clients: End[] = [];
  const listener = await listen(harness, (connection) => {
    const end = new End(connection);
    servers.push(end);
    return end;
  });
  harness.network.connect({ host: harness.host, port: listener.port, timeoutMs: 5000 }, (result) => {
    assert.ok(!(result instanceof NetworkError));
    const end = new End(result);
    clients.push(end);
    return end;
  });
  await harness.until(() => servers.length === 1 && clients.length === 1);
  const [server] = servers;
  const [client] = clients;
  assert.ok(server !== undefined && client !== undefined);
  return { server, client, listener };
}

type Check = (name: string, body: (harness: NetworkHarness) => Promise<void>) => void;

/** Defines the tests. `open` makes a fresh network for each. */
export function networkContract(label: string, open: () => NetworkHarness): void {
  const check: Check = (name, body) => {
    test(`${label}: ${name}`, () => body(open()));
  };
  streamContract(check);
  closeContract(check);
  listenContract(check);
  pauseContract(check);
}

async function finish({ until }: NetworkHarness, { server, client, listener }: Pair): Promise<void> {
  client.connection.destroy();
  server.connection.destroy();
  let isClosed = false;
  listener.close(() => {
    isClosed = true;
  });
  await until(() => isClosed && server.closes.length === 1 && client.closes.length === 1);
}

function streamContract(check: Check): void {
  check("bytes arrive in order both ways, whatever the parts", async (harness) => {
    const both = await pair(harness);
    const { server, client } = both;
    assert.equal(client.connection.remotePort, both.listener.port);
    assert.equal(server.connection.localPort, both.listener.port);
    assert.ok(server.connection.remoteAddress.length > 0);
    assert.notEqual(server.connection.id, client.connection.id);
    client.send(bytes(1), bytes(), bytes(2, 3));
    client.send(bytes(4));
    server.send(bytes(9), bytes(8));
    server.send();
    assert.deepEqual(client.sent, []);
    assert.ok(client.connection.queuedBytes <= 4);
    await harness.until(() => server.received.length === 4 && client.received.length === 2);
    await harness.until(() => client.sent.length === 2 && server.sent.length === 2);
    assert.deepEqual(server.received, [1, 2, 3, 4]);
    assert.deepEqual(client.received, [9, 8]);
    assert.deepEqual([...client.sent, ...server.sent], [true, true, true, true]);
    assert.equal(client.connection.queuedBytes, 0);
    await finish(harness, both);
  });
  check("a large message survives chunking, with and without own buffers", async (harness) => {
    const both = await pair(harness);
    const content = pattern(1_000_000);
    for (const ownBufferBytes of [0, 100_000]) {
      both.server.ownBufferBytes = ownBufferBytes;
      both.server.received.length = 0;
      both.client.send(content.subarray(0, 10), content.subarray(10));
      await harness.until(() => both.server.received.length === content.length);
      assert.deepEqual(Uint8Array.from(both.server.received), content);
    }
    await finish(harness, both);
  });
  check(
    "a paused reader gets nothing, holds up the sender, and all of it after resuming",
    async (harness) => {
      const both = await pair(harness);
      const content = pattern(1_000_000);
      const count = harness.floodMegabytes;
      both.server.connection.pause();
      both.server.connection.pause();
      // Two turns each way: whatever was under way has arrived by then.
      both.server.send(bytes(1));
      await harness.until(() => both.client.received.length === 1);
      for (let i = 0; i < count; i++) both.client.send(content);
      both.server.send(bytes(2));
      await harness.until(() => both.client.received.length === 2);
      assert.equal(both.server.received.length, 0);
      assert.ok(both.client.connection.queuedBytes > 0);
      assert.ok(both.client.sent.length < count);
      both.server.connection.resume();
      await harness.until(() => both.client.sent.length === count);
      await harness.until(() => both.server.received.length === count * content.length);
      assert.equal(both.client.connection.queuedBytes, 0);
      await finish(harness, both);
    },
  );
}

function closeContract(check: Check): void {
  check("end sends what is queued, then closes both sides without an error", async (harness) => {
    const both = await pair(harness);
    const { server, client } = both;
    const content = pattern(700_000);
    server.send(content);
    server.connection.end();
    server.send(bytes(1));
    await harness.until(() => server.closes.length === 1 && client.closes.length === 1);
    assert.equal(client.received.length, content.length);
    assert.deepEqual(server.sent.toSorted(), [false, true]);
    assert.deepEqual([server.closes, client.closes], [[null], [null]]);
    assert.ok(server.connection.isDestroyed && client.connection.isDestroyed);
    await finish(harness, both);
  });
  check("destroy settles every send once, before the one close", async (harness) => {
    const both = await pair(harness);
    const { server, client } = both;
    server.connection.pause();
    const count = harness.floodMegabytes;
    const content = pattern(1_000_000);
    for (let i = 0; i < count; i++) client.send(content);
    client.connection.destroy();
    client.connection.destroy();
    client.send(bytes(1));
    client.connection.pause();
    client.connection.resume();
    client.connection.end();
    assert.ok(client.connection.isDestroyed);
    await harness.until(() => client.sent.length === count + 1 && client.closes.length === 1);
    assert.equal(client.sent[count], false);
    assert.equal(client.closes[0], null);
    client.send(bytes(1));
    await harness.until(() => client.sent.length === count + 2);
    assert.deepEqual(client.closes.length, 1);
    server.connection.resume();
    await harness.until(() => server.closes.length === 1);
    await finish(harness, both);
  });
  check("a connection that is refused at accept closes at the other end", async (harness) => {
    const listener = await listen(harness, () => null);
    const clients: End[] = [];
    harness.network.connect({ host: harness.host, port: listener.port, timeoutMs: 5000 }, (result) => {
      assert.ok(!(result instanceof NetworkError));
      const end = new End(result);
      clients.push(end);
      return end;
    });
    await harness.until(() => clients[0]?.closes.length === 1);
    let isClosed = false;
    listener.close(() => {
      isClosed = true;
    });
    await harness.until(() => isClosed);
  });
}

function listenContract(check: Check): void {
  check("a port in use and a port without listener are errors with their code", async (harness) => {
    const { network, host, until } = harness;
    const listener = await listen(harness, () => null);
    const results: unknown[] = [];
    network.listen(
      { host, port: listener.port, backlog: 5 },
      () => null,
      (result) => results.push(result),
    );
    await until(() => results.length === 1);
    listener.close(() => results.push("closed"));
    await until(() => results.length === 2);
    network.connect({ host, port: listener.port, timeoutMs: 5000 }, (result) => {
      results.push(result);
      return null;
    });
    await until(() => results.length === 3);
    const [inUse, , refused] = results;
    assert.ok(inUse instanceof NetworkError && refused instanceof NetworkError);
    assert.deepEqual([inUse.code, refused.code], ["EADDRINUSE", "ECONNREFUSED"]);
    assert.equal(inUse.port, listener.port);
  });
  check("closing a listener leaves its connections alone and frees the port", async (harness) => {
    const both = await pair(harness);
    let isClosed = false;
    both.listener.close(() => {
      isClosed = true;
    });
    await harness.until(() => isClosed);
    const again: (Listener | NetworkError)[] = [];
    harness.network.listen(
      { host: harness.host, port: both.listener.port, backlog: 1 },
      () => null,
      (result) => again.push(result),
    );
    await harness.until(() => again.length === 1);
    const [listener] = again;
    assert.ok(listener !== undefined && !(listener instanceof NetworkError));
    both.client.send(bytes(7));
    await harness.until(() => both.server.received.length === 1);
    await finish(harness, { ...both, listener });
  });
}

/** More than the backlog of 5. */
const heldCount = 12;

function pauseContract(check: Check): void {
  check(
    "a paused listener serves nobody until it resumes, and keeps more than the backlog",
    async (harness) => {
      const servers: End[] = [];
      const clients: End[] = [];
      const listener = await listen(harness, (connection) => {
        const end = new End(connection);
        servers.push(end);
        return end;
      });
      listener.pause();
      for (let i = 0; i < heldCount; i++) {
        harness.network.connect({ host: harness.host, port: listener.port, timeoutMs: 5000 }, (result) => {
          assert.ok(!(result instanceof NetworkError));
          const end = new End(result);
          clients.push(end);
          end.send(bytes(i));
          return end;
        });
      }
      await harness.until(
        () => clients.length === heldCount && clients.every((end) => end.sent.length === 1),
      );
      assert.equal(servers.length, 0);
      listener.resume();
      await harness.until(
        () => servers.length === heldCount && servers.every((end) => end.received.length === 1),
      );
      assert.equal(new Set(servers.flatMap((end) => end.received)).size, heldCount);
      for (const end of [...servers, ...clients]) end.connection.destroy();
      let isClosed = false;
      listener.close(() => {
        isClosed = true;
      });
      await harness.until(() => isClosed && [...servers, ...clients].every((end) => end.closes.length === 1));
      assert.equal(listener.acceptErrorCount, 0);
    },
  );
}
