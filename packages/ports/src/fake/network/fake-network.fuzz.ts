// Connections under drawn sends, pauses, ends, partitions, resets and crashes: whatever happens, a receiver
// gets a prefix of what its peer sent, every send is settled once unless its process died, and a close is
// told once, last of all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, type ConnectionEvents, NetworkError } from "../../network.ts";
import type { FakeNode } from "../fake-node.ts";
import { FakeWorld } from "../fake-world.ts";

const SEEDS = 200;
const STEPS = 120;

/** The stream that an end sends: byte `n` of it is `n * 7`. */
const streamByte = (n: number) => (n * 7) & 255;

class End implements ConnectionEvents {
  readonly node: FakeNode;
  readonly connection: Connection;
  sentBytes = 0;
  receivedBytes = 0;
  closeCount = 0;
  readonly outcomes: number[] = [];

  constructor(node: FakeNode, connection: Connection) {
    this.node = node;
    this.connection = connection;
  }

  send(length: number): void {
    const part = new Uint8Array(length);
    for (let i = 0; i < length; i++) part[i] = streamByte(this.sentBytes + i);
    const isOpen = !this.connection.isDestroyed;
    if (isOpen) this.sentBytes += length;
    const at = this.outcomes.push(0) - 1;
    this.connection.send([part.subarray(0, length >> 1), part.subarray(length >> 1)], () => {
      assert.equal(this.closeCount, isOpen ? 0 : this.closeCount);
      this.outcomes[at] = (this.outcomes[at] ?? 0) + 1;
      part.fill(0xaa);
    });
  }

  onBytes(view: Uint8Array): void {
    assert.equal(this.closeCount, 0);
    for (const byte of view) {
      if (byte !== streamByte(this.receivedBytes++)) assert.fail(`a wrong byte at ${this.receivedBytes - 1}`);
    }
  }

  onClose(): void {
    this.closeCount++;
  }
}

class Scene {
  readonly world: FakeWorld;
  readonly ends: End[] = [];
  a: FakeNode;
  b: FakeNode;

  constructor(seed: number) {
    this.world = new FakeWorld({ seed });
    this.a = this.world.node("a");
    this.b = this.world.node("b");
    this.#listen();
  }

  step(): void {
    const { random } = this.world;
    const end = this.ends[random.below(Math.max(this.ends.length, 1))];
    const drawn = random.below(100);
    if (drawn < 8 || end === undefined) this.#connect();
    else if (drawn < 60) end.send(random.below(random.below(10) === 0 ? 600_000 : 2000));
    else if (drawn < 70) end.connection.pause();
    else if (drawn < 82) end.connection.resume();
    else if (drawn < 84) end.connection.end();
    else if (drawn < 86) end.connection.destroy();
    else if (drawn < 88) this.world.partition("a", "b");
    else if (drawn < 90) this.world.partition("b", "a");
    else if (drawn < 96) this.world.healAll();
    else if (drawn < 97) this.world.resetConnections("a", "b");
    else if (drawn < 98) this.#restart("power");
    else if (drawn < 99) this.#restart("kill");
    this.world.run({ ms: random.below(20) });
  }

  /** All faults end, all read on, all close. */
  finish(): void {
    this.world.healAll();
    for (const { connection } of this.ends) connection.resume();
    this.world.run({ ms: 600_000 });
    for (const end of this.ends) {
      if (end.node.isAlive) assert.equal(end.connection.queuedBytes, 0);
      end.connection.destroy();
    }
    assert.equal(this.world.run({}), "idle");
  }

  #connect(): void {
    const { a } = this;
    a.ports.network.connect({ host: "b", port: 9092, timeoutMs: 500 }, (result) =>
      result instanceof NetworkError ? null : this.#join(new End(a, result)),
    );
  }

  #listen(): void {
    const { b } = this;
    const accept = (connection: Connection) => this.#join(new End(b, connection));
    b.ports.network.listen({ host: "", port: 9092, backlog: 5 }, accept, () => {});
  }

  #join(end: End): End {
    this.ends.push(end);
    return end;
  }

  #restart(how: "power" | "kill"): void {
    this.world.crash("b", { how });
    this.b = this.world.restart("b");
    this.#listen();
  }
}

test("streams, completions and closes hold under every drawn mishap", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const scene = new Scene(seed);
    for (let i = 0; i < STEPS; i++) scene.step();
    scene.finish();
    for (const { node, closeCount, outcomes } of scene.ends) {
      if (!node.isAlive) continue;
      assert.equal(closeCount, 1, `seed ${seed}`);
      assert.ok(
        outcomes.every((count) => count === 1),
        `seed ${seed}: ${outcomes.join()}`,
      );
    }
  }
});
