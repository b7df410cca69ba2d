// Loopback TCP under the contract of all networks, on both ways to receive and to send, and what only it can
// show.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NetworkHarness, networkContract } from "../src/contract/network-contract.test.ts";
import { type Connection, type Listener, NetworkError } from "../src/network.ts";
import { HandleWriter } from "../src/node/network/handle-writer.ts";
import { createNodeNetwork, type NodeNetworkOptions } from "../src/node/network/node-network.ts";
import { settlePromises } from "../src/node/turn.ts";

const WAIT_MS_MAX = 20_000;

async function until(isDone: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + WAIT_MS_MAX;
  while (!isDone()) {
    assert.ok(performance.now() < giveUpMs, "still not done");
    await settlePromises();
  }
}

const open = (options: NodeNetworkOptions, host: string) => (): NetworkHarness => ({
  network: createNodeNetwork(options),
  host,
  floodMegabytes: 20,
  until,
});

networkContract("node network, shared buffer", open({ receive: "shared" }, "127.0.0.1"));
networkContract("node network, data events", open({ receive: "data" }, "127.0.0.1"));
networkContract("node network, by name", open({}, "localhost"));
networkContract("node network, writes through the stream", open({ send: "socket" }, "127.0.0.1"));

test("node network: all connections read into one buffer, large frames into their own", async () => {
  const network = createNodeNetwork({ receive: "shared" });
  const buffers = new Set<ArrayBufferLike>();
  const own = new Uint8Array(500_000);
  const servers: Connection[] = [];
  let ownBytes = 0;
  let isClosed = false;
  const listeners: Listener[] = [];
  network.listen(
    { host: "127.0.0.1", port: 0, backlog: 5 },
    (connection) => {
      servers.push(connection);
      return {
        nextBuffer: () => (buffers.size > 0 && ownBytes < own.length ? own.subarray(ownBytes) : null),
        onBytes: (view) => {
          if (view.buffer === own.buffer) ownBytes += view.length;
          else buffers.add(view.buffer);
        },
        onClose: () => {},
      };
    },
    (result) => {
      assert.ok(!(result instanceof NetworkError));
      listeners.push(result);
    },
  );
  await until(() => listeners.length === 1);
  const [listener] = listeners as [Listener];
  const clients: Connection[] = [];
  for (let i = 0; i < 2; i++) {
    network.connect({ host: "127.0.0.1", port: listener.port, timeoutMs: 1000 }, (result) => {
      assert.ok(!(result instanceof NetworkError));
      clients.push(result);
      return { onBytes: () => {}, onClose: () => {} };
    });
  }
  await until(() => clients.length === 2 && servers.length === 2);
  clients[0]?.send([new Uint8Array(10)], () => {});
  await until(() => buffers.size === 1);
  clients[0]?.send([new Uint8Array(600_000).fill(5)], () => {});
  await until(() => ownBytes === own.length);
  assert.ok(own.every((byte) => byte === 5));
  clients[1]?.send([new Uint8Array(10)], () => {});
  for (const connection of [...clients, ...servers]) connection.destroy();
  listener.close(() => {
    isClosed = true;
  });
  await until(() => isClosed);
  assert.equal(buffers.size, 1);
});

test("node network: this Node has what writes past the socket's stream need", () => {
  assert.notEqual(HandleWriter.create(), null);
});

test("node network: connecting gives up after its time", async () => {
  const codes: string[] = [];
  // A documentation address: no host answers there, so the attempt hangs or is unreachable at once.
  createNodeNetwork().connect({ host: "192.0.2.1", port: 9, timeoutMs: 50 }, (result) => {
    assert.ok(result instanceof NetworkError);
    codes.push(result.code);
    return null;
  });
  await until(() => codes.length === 1);
  assert.match(codes.join(), /^(ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED)$/);
});

test("node network: a peer that resets is told to the owner as an error with its code", async () => {
  const network = createNodeNetwork();
  const closes: (Error | null)[] = [];
  const listeners: Listener[] = [];
  network.listen(
    { host: "127.0.0.1", port: 0, backlog: 5 },
    () => ({ onBytes: () => {}, onClose: (error) => closes.push(error) }),
    (result) => {
      assert.ok(!(result instanceof NetworkError));
      listeners.push(result);
    },
  );
  await until(() => listeners.length === 1);
  const { connect } = await import("node:net");
  const socket = connect(listeners[0]?.port ?? 0, "127.0.0.1", () => socket.resetAndDestroy());
  await until(() => closes.length === 1);
  assert.ok(closes[0] instanceof NetworkError && closes[0].code === "ECONNRESET");
  listeners[0]?.close(() => {});
});
