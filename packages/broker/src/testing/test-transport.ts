// One end of a byte stream for tests of a connection: records what was sent and lets the test decide when it
// left.
import type { Connection } from "@ottla/ports";

/** A transport whose peer is the test. */
export class TestTransport implements Connection {
  readonly id: number = 1;
  readonly remoteAddress: string = "10.1.1.1";
  readonly remotePort: number = 40_000;
  readonly localPort: number = 9092;
  queuedBytes = 0;
  isDestroyed = false;
  isPaused = false;
  hasEnded = false;
  /** When false, `sent` waits for `drain`. */
  drainsAtOnce = true;
  readonly writes: Uint8Array[] = [];
  readonly #waiting: ((isSent: boolean) => void)[] = [];

  send(parts: readonly Uint8Array[], sent: (isSent: boolean) => void): void {
    this.writes.push(Uint8Array.from(parts.flatMap((part) => [...part])));
    this.#waiting.push(sent);
    if (this.drainsAtOnce) this.drain();
  }

  /** The peer reads everything. */
  drain(): void {
    for (const sent of this.#waiting.splice(0)) sent(true);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.hasEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}
