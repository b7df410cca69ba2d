// The network between the nodes of a simulated world: who listens where, which ways are cut, which
// connections live. A cut is one-way and holds bytes back, as retransmission does; they arrive when it heals,
// unless the connection died meanwhile.

import { drawDelayUs } from "../delays.ts";
import { type FakeLife } from "../fake-life.ts";
import type { FakeWorld } from "../fake-world.ts";
import { CUT_CONNECTION_US } from "../limits.ts";
import { Channel } from "./channel.ts";
import { type ConnectionOwner, FakeConnection } from "./fake-connection.ts";
import type { FakeListener } from "./fake-listener.ts";

const FIRST_LISTEN_PORT = 10_000;
const FIRST_CLIENT_PORT = 40_000;
const CLIENT_PORT_COUNT = 20_000;

interface Pair {
  readonly ends: readonly [FakeConnection, FakeConnection];
  /** Times the pair was cut: a death planned for an earlier cut is void. */
  cutCount: number;
}

/** The network of one world. */
export class Fabric {
  readonly #world: FakeWorld;
  readonly #listeners = new Map<string, FakeListener>();
  readonly #pairs = new Set<Pair>();
  readonly #cuts = new Set<string>();
  #nextListenPort = FIRST_LISTEN_PORT;
  #nextClientPort = FIRST_CLIENT_PORT;
  #nextId = 1;

  constructor(world: FakeWorld) {
    this.#world = world;
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(wayOf(from, to));
  }

  cut(from: string, to: string): void {
    if (from === to) throw new Error(`${from} cannot be cut off from itself`);
    this.#cuts.add(wayOf(from, to));
    for (const pair of this.#pairsBetween(from, to)) {
      const cutCount = ++pair.cutCount;
      const delayUs = drawDelayUs(this.#world.random, CUT_CONNECTION_US);
      for (const end of pair.ends) {
        end.life.schedule("net-cut-off", delayUs, () => {
          if (pair.cutCount === cutCount && this.#isCutEitherWay(from, to)) end.fail("ETIMEDOUT");
        });
      }
    }
  }

  heal(from: string, to: string): void {
    if (!this.#cuts.delete(wayOf(from, to))) return;
    for (const pair of this.#pairsBetween(from, to)) {
      if (!this.#isCutEitherWay(from, to)) pair.cutCount++;
      for (const end of pair.ends) end.unblocked();
    }
  }

  healAll(): void {
    for (const way of [...this.#cuts]) {
      const [from, to] = JSON.parse(way) as [string, string];
      this.heal(from, to);
    }
  }

  /** Cuts every connection between two nodes at both ends, now. */
  reset(one: string, other: string): void {
    for (const pair of this.#pairsBetween(one, other)) {
      for (const end of pair.ends) end.life.schedule("net-reset", 1, () => end.fail("ECONNRESET"));
    }
  }

  /** The listener at a port, or a port that has none. */
  listenerAt(host: string, port: number): FakeListener | undefined {
    return this.#listeners.get(wayOf(host, String(port)));
  }

  freePort(host: string): number {
    while (this.listenerAt(host, this.#nextListenPort) !== undefined) this.#nextListenPort++;
    return this.#nextListenPort++;
  }

  listen(host: string, listener: FakeListener): void {
    this.#listeners.set(wayOf(host, String(listener.port)), listener);
  }

  unlisten(host: string, port: number): void {
    this.#listeners.delete(wayOf(host, String(port)));
  }

  /** A new connection between two lives: first the connecting end, then the accepting one. */
  open(
    client: ConnectionOwner,
    server: ConnectionOwner,
    port: number,
  ): readonly [FakeConnection, FakeConnection] {
    const clientPort = FIRST_CLIENT_PORT + ((this.#nextClientPort++ - FIRST_CLIENT_PORT) % CLIENT_PORT_COUNT);
    const clientEnd = new FakeConnection(client, {
      id: this.#nextId++,
      remoteAddress: server.life.host.address,
      remotePort: port,
      localPort: clientPort,
    });
    const serverEnd = new FakeConnection(server, {
      id: this.#nextId++,
      remoteAddress: client.life.host.address,
      remotePort: clientPort,
      localPort: port,
    });
    const there = this.#channel(client.life, serverEnd);
    const back = this.#channel(server.life, clientEnd);
    clientEnd.join(there, back);
    serverEnd.join(back, there);
    const ends = [clientEnd, serverEnd] as const;
    this.#pairs.add({ ends, cutCount: 0 });
    return ends;
  }

  /** Forgets a pair when both of its ends are gone. */
  closed(connection: FakeConnection): void {
    for (const pair of this.#pairs) {
      if (!pair.ends.includes(connection)) continue;
      if (pair.ends.every((end) => end.isDestroyed || !end.life.isAlive)) this.#pairs.delete(pair);
      return;
    }
  }

  /** A life is over. Its peers learn of it after a delay. */
  lifeEnded(life: FakeLife, delayUs: () => number): void {
    for (const [key, listener] of [...this.#listeners]) {
      if (key === wayOf(life.host.name, String(listener.port))) this.#listeners.delete(key);
    }
    for (const pair of [...this.#pairs]) {
      for (const end of pair.ends) if (end.life === life) end.lifeEnded(delayUs());
    }
  }

  #channel(sender: FakeLife, receiver: FakeConnection): Channel {
    const from = sender.host.name;
    const to = receiver.life.host.name;
    return new Channel(sender, receiver, () => this.isCut(from, to));
  }

  #isCutEitherWay(one: string, other: string): boolean {
    return this.isCut(one, other) || this.isCut(other, one);
  }

  #pairsBetween(one: string, other: string): Pair[] {
    return [...this.#pairs].filter(({ ends: [client, server] }) => {
      const from = client.life.host.name;
      const to = server.life.host.name;
      return (from === one && to === other) || (from === other && to === one);
    });
  }
}

function wayOf(from: string, to: string): string {
  return JSON.stringify([from, to]);
}
