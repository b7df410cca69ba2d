// What the simulated network does when nodes die and ways are cut, and what it finds out about its users.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, NetworkError } from "../../network.ts";
import { FakeWorld } from "../fake-world.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

interface End {
  readonly connection: Connection;
  readonly received: number[];
  readonly closes: (Error | null)[];
}

function eventsInto(ends: End[]): (connection: Connection) => {
  onBytes: (view: Uint8Array) => void;
  onClose: (error: Error | null) => void;
} {
  return (connection) => {
    const end: End = { connection, received: [], closes: [] };
    ends.push(end);
    return {
      onBytes: (view) => {
        for (const byte of view) end.received.push(byte);
      },
      onClose: (error) => end.closes.push(error),
    };
  };
}

/** Two nodes with `count` connections from `a` to `b`. */
function connected(seed: number, count: number): { world: FakeWorld; clients: End[]; servers: End[] } {
  const world = new FakeWorld({ seed });
  const a = world.node("a").ports;
  const b = world.node("b").ports;
  const clients: End[] = [];
  const servers: End[] = [];
  b.network.listen({ host: "0.0.0.0", port: 9092, backlog: 50 }, eventsInto(servers), () => {});
  world.run({});
  for (let i = 0; i < count; i++) {
    a.network.connect({ host: "b", port: 9092, timeoutMs: 1000 }, (result) => {
      assert.ok(!(result instanceof NetworkError));
      return eventsInto(clients)(result);
    });
  }
  world.run({});
  assert.deepEqual([clients.length, servers.length], [count, count]);
  return { world, clients, servers };
}

const codeOf = (error: Error | null | undefined) => (error instanceof NetworkError ? error.code : error);

test("bytes keep their order on a connection, and only there", () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const { world, clients, servers } = connected(seed, 3);
    const arrived: number[] = [];
    clients.forEach(({ connection }, i) => {
      for (let n = 0; n < 5; n++) connection.send([bytes(i, n)], () => {});
    });
    world.run({
      until: () => {
        servers.forEach((end, i) => {
          if (end.received.length > 0 && !arrived.includes(i)) arrived.push(i);
        });
        return servers.every((end) => end.received.length === 10);
      },
    });
    for (const { received } of servers) {
      assert.deepEqual(
        received.filter((_, i) => i % 2 === 1),
        [0, 1, 2, 3, 4],
      );
    }
    firsts.add(arrived[0] ?? -1);
  }
  assert.ok(firsts.size > 1);
});

test("a one-way partition holds back that way alone, until it heals", () => {
  const { world, clients, servers } = connected(1, 1);
  const [client] = clients as [End];
  const [server] = servers as [End];
  world.partition("a", "b");
  client.connection.send([bytes(1)], () => {});
  server.connection.send([bytes(2)], () => {});
  world.run({ ms: 5000 });
  assert.deepEqual([server.received, client.received], [[], [2]]);
  world.heal("a", "b");
  world.run({ ms: 1000 });
  assert.deepEqual(server.received, [1]);
  world.run({ ms: 1_000_000 });
  assert.deepEqual([client.closes, server.closes], [[], []]);
});

test("a connection across a long partition dies at both ends", () => {
  const { world, clients, servers } = connected(2, 1);
  world.partition("b", "a");
  world.run({ ms: 1_000_000 });
  assert.equal(codeOf(clients[0]?.closes[0]), "ETIMEDOUT");
  assert.equal(codeOf(servers[0]?.closes[0]), "ETIMEDOUT");
});

test("connecting to a cut-off or dead machine times out, to a dead process is refused", () => {
  const codes: unknown[] = [];
  const world = new FakeWorld({ seed: 1 });
  const { network } = world.node("a").ports;
  world.node("b");
  const attempt = () => {
    network.connect({ host: "b", port: 9092, timeoutMs: 3000 }, (result) => {
      codes.push(result instanceof NetworkError ? result.code : "connected");
      return null;
    });
    world.run({});
  };
  world.partition("b", "a");
  attempt();
  assert.ok(world.nowMs >= 3000);
  world.healAll();
  world.crash("b", { how: "kill" });
  attempt();
  world.restart("b");
  world.crash("b");
  attempt();
  network.connect({ host: "nowhere", port: 1, timeoutMs: 1 }, (result) => {
    codes.push((result as NetworkError).code);
    return null;
  });
  world.run({});
  assert.deepEqual(codes, ["ETIMEDOUT", "ECONNREFUSED", "ETIMEDOUT", "ENOTFOUND"]);
});

test("a crash resets the peers' connections, also of one that is not reading but sends", () => {
  for (const how of ["power", "kill"] as const) {
    const { world, clients } = connected(3, 2);
    const [reading, paused] = clients as [End, End];
    paused.connection.pause();
    paused.connection.send([new Uint8Array(1_000_000)], () => {});
    world.crash("b", { how });
    world.run({});
    assert.equal(codeOf(reading.closes[0]), "ECONNRESET");
    assert.equal(codeOf(paused.closes[0]), "ECONNRESET");
  }
});

test("connections between two nodes can be reset, and a reset is told once", () => {
  const { world, clients, servers } = connected(4, 2);
  const sent: boolean[] = [];
  clients[0]?.connection.send([new Uint8Array(5_000_000)], (isSent) => sent.push(isSent));
  world.resetConnections("b", "a");
  world.run({});
  for (const { closes } of [...clients, ...servers]) {
    assert.equal(closes.length, 1);
    assert.equal(codeOf(closes[0]), "ECONNRESET");
  }
  assert.deepEqual(sent, [false]);
});

test("parts that are changed before they were sent are found out", () => {
  const { world, clients } = connected(1, 1);
  const part = bytes(1, 2, 3);
  clients[0]?.connection.send([part], () => {});
  part[1] = 9;
  assert.throws(() => world.run({}), /a changed the parts of a send/);
});

test("received memory is poisoned after its call", () => {
  const { world, clients, servers } = connected(1, 1);
  const views: Uint8Array[] = [];
  const { network } = world.node("c").ports;
  network.connect({ host: "b", port: 9092, timeoutMs: 1000 }, () => ({
    onBytes: (view) => views.push(view),
    onClose: () => {},
  }));
  world.run({});
  servers[1]?.connection.send([bytes(1, 2, 3)], () => {});
  world.run({});
  assert.ok(views.length > 0 && clients.length === 1);
  assert.ok(views.every((view) => view.every((byte) => byte === 0xdb)));
});
