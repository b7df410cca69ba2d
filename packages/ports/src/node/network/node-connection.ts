// One TCP connection. A `send` is one corked, gathered write. `sent` runs exactly once for each: by the
// write's completion, or with false when the socket closes first. `onClose` comes once, after all of them.
import type { Socket } from "node:net";
import type { Connection, ConnectionEvents } from "../../network.ts";
import { NetworkError } from "../../network.ts";
import type { ReceiveSink } from "./receive.ts";

/** Where a connection leads; taken when it begins, since a socket forgets it when the peer is gone. */
export interface Endpoints {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
}

type Sent = (isSent: boolean) => void;

/** A connection of the system. It is its own sink for received bytes. */
export class NodeConnection implements Connection, ReceiveSink {
  readonly id: number;
  #endpoints: Endpoints = { remoteAddress: "", remotePort: 0, localPort: 0 };
  #socket: Socket | null = null;
  #events: ConnectionEvents | null = null;
  #error: Error | null = null;
  #isClosed = false;
  /** Sends whose fate is open, oldest first. */
  readonly #unsent = new Set<Sent>();

  constructor(id: number) {
    this.id = id;
  }

  get remoteAddress(): string {
    return this.#endpoints.remoteAddress;
  }

  get remotePort(): number {
    return this.#endpoints.remotePort;
  }

  get localPort(): number {
    return this.#endpoints.localPort;
  }

  get queuedBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  get isDestroyed(): boolean {
    return this.#socket?.destroyed ?? true;
  }

  /** Takes over the socket. Bytes flow from `start` on. */
  attach(socket: Socket, endpoints: Endpoints): void {
    this.#socket = socket;
    this.#endpoints = endpoints;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error = new NetworkError("connection", this.remoteAddress, this.remotePort, error.code ?? "EIO", {
        cause: error,
      });
    });
    socket.on("close", () => this.#closed());
  }

  /** Begins delivery to `events`; null refuses the connection. */
  start(events: ConnectionEvents | null): void {
    this.#events = events;
    if (events === null) this.destroy();
    else this.#socket?.resume();
  }

  nextBuffer(): Uint8Array | null {
    const buffer = this.#events?.nextBuffer?.() ?? null;
    return buffer !== null && buffer.length > 0 ? buffer : null;
  }

  onBytes(view: Uint8Array): void {
    this.#events?.onBytes(view);
  }

  send(parts: readonly Uint8Array[], sent: Sent): void {
    // Sets tell functions apart by identity, and a caller may pass the same one twice.
    const outcome: Sent = (isSent) => sent(isSent);
    this.#unsent.add(outcome);
    const socket = this.#socket;
    if (socket === null || socket.destroyed || socket.writableEnded) {
      setImmediate(() => this.#settle(outcome, false));
      return;
    }
    const written = (error: Error | null | undefined) => {
      // A write cut off by `destroy` completes without an error, too.
      this.#settle(outcome, !error && !socket.destroyed);
    };
    let last = parts.length - 1;
    while (last >= 0 && parts[last]?.length === 0) last--;
    if (last < 0) {
      setImmediate(() => this.#settle(outcome, !socket.destroyed));
      return;
    }
    if (last > 0) socket.cork();
    for (let i = 0; i < last; i++) {
      const part = parts[i];
      if (part !== undefined && part.length > 0) socket.write(part);
    }
    socket.write(parts[last] as Uint8Array, written);
    if (last > 0) socket.uncork();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    if (this.#events !== null) this.#socket?.resume();
  }

  end(): void {
    this.#socket?.end();
  }

  destroy(): void {
    this.#socket?.destroy();
  }

  #settle(outcome: Sent, isSent: boolean): void {
    if (this.#unsent.delete(outcome)) outcome(isSent);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const outcome of this.#unsent) this.#settle(outcome, false);
    this.#events?.onClose(this.#error);
  }
}
