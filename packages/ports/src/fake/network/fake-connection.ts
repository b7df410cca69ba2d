// One end of a simulated connection. It behaves as a TCP socket without half-open streams: the peer's end is
// answered with an end of its own once what is queued has left.
import { type Connection, type ConnectionEvents, NetworkError } from "../../network.ts";
import type { FakeLife } from "../fake-life.ts";
import { POISON_BYTE } from "../limits.ts";
import type { Channel, ChannelReceiver } from "./channel.ts";

/** What a life's network lends its connections. */
export interface ConnectionOwner {
  readonly life: FakeLife;
  /** The loop's receive buffer, poisoned after each use. */
  readonly receiveBuffer: Uint8Array;
  /** Forgets a closed connection. */
  closed(connection: FakeConnection): void;
}

/** An end of a connection. */
export class FakeConnection implements Connection, ChannelReceiver {
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly #owner: ConnectionOwner;
  #outgoing: Channel | null = null;
  #incoming: Channel | null = null;
  #events: ConnectionEvents | null = null;
  #isPaused = false;
  #isDestroyed = false;
  #isEnding = false;
  #hasSentEnd = false;
  #hasReceivedEnd = false;
  #isCloseTold = false;
  /** Sends refused or given up, told before the close. */
  readonly #unsent = new Set<() => void>();

  constructor(
    owner: ConnectionOwner,
    at: { id: number; remoteAddress: string; remotePort: number; localPort: number },
  ) {
    this.#owner = owner;
    this.id = at.id;
    this.remoteAddress = at.remoteAddress;
    this.remotePort = at.remotePort;
    this.localPort = at.localPort;
  }

  /** Joins the two directions; before anything is sent. */
  join(outgoing: Channel, incoming: Channel): void {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
  }

  /** Begins delivery to `events`; null refuses the connection. */
  start(events: ConnectionEvents | null): void {
    this.#events = events;
    if (events === null) this.destroy();
    else this.#incoming?.deliver();
  }

  get life(): FakeLife {
    return this.#owner.life;
  }

  get isReading(): boolean {
    return this.#events !== null && !this.#isPaused;
  }

  get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  get queuedBytes(): number {
    return this.#outgoing?.queuedBytes ?? 0;
  }

  send(parts: readonly Uint8Array[], sent: (isSent: boolean) => void): void {
    if (!this.life.isAlive) return;
    if (this.#isDestroyed || this.#isEnding) {
      const refused = () => sent(false);
      this.#unsent.add(refused);
      this.life.schedule("net-unsent", 1, () => {
        if (this.#unsent.delete(refused)) refused();
      });
      return;
    }
    this.#outgoing?.send(parts, sent);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#incoming?.deliver();
  }

  end(): void {
    if (this.#isEnding || this.#isDestroyed || !this.life.isAlive) return;
    this.#isEnding = true;
    this.#outgoing?.end(() => {
      this.#hasSentEnd = true;
      if (this.#hasReceivedEnd) this.#close(null);
    });
  }

  destroy(): void {
    if (this.#isDestroyed || !this.life.isAlive) return;
    const how = this.life.world.random.below(2) === 0 ? "end" : "reset";
    this.#giveUp(how, 0);
    this.life.schedule("net-close", 1, () => this.#close(null));
  }

  /** The world cuts the connection at this end. */
  fail(code: string): void {
    if (this.#isDestroyed || !this.life.isAlive) return;
    this.#giveUp("reset", 0);
    this.#close(new NetworkError("connection", this.remoteAddress, this.remotePort, code));
  }

  /** This end's life is over: nobody here is told, the peer learns of it after `delayUs`. */
  lifeEnded(delayUs: number): void {
    if (!this.#isDestroyed) this.#giveUp("reset", delayUs);
    this.#unsent.clear();
    this.#owner.closed(this);
  }

  /** The path to this end is open again. */
  unblocked(): void {
    this.#incoming?.deliver();
  }

  receive(bytes: Uint8Array): number {
    const events = this.#events as ConnectionEvents;
    const offered = events.nextBuffer?.() ?? null;
    const shared = this.#owner.receiveBuffer;
    const buffer = offered !== null && offered.length > 0 ? offered : shared;
    const length = Math.min(bytes.length, buffer.length);
    buffer.set(bytes.subarray(0, length));
    events.onBytes(buffer.subarray(0, length));
    if (buffer === shared) shared.fill(POISON_BYTE, 0, length);
    return length;
  }

  receiveEnd(): void {
    this.#hasReceivedEnd = true;
    if (this.#hasSentEnd) this.#close(null);
    else this.end();
  }

  receiveReset(): void {
    this.fail("ECONNRESET");
  }

  refuseBytes(): void {
    this.#outgoing?.refuse();
  }

  #giveUp(how: "end" | "reset", delayUs: number): void {
    this.#isDestroyed = true;
    for (const sent of this.#outgoing?.abort(how, delayUs) ?? []) this.#unsent.add(() => sent(false));
    // What is under way to this end meets nobody.
    this.#incoming?.deliver();
  }

  #close(error: Error | null): void {
    if (this.#isCloseTold) return;
    this.#isCloseTold = true;
    this.#isDestroyed = true;
    for (const refused of this.#unsent) {
      if (this.#unsent.delete(refused)) refused();
    }
    this.#owner.closed(this);
    this.#events?.onClose(error);
  }
}
