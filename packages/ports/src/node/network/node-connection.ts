// One TCP connection. A `send` is one gathered write, past the socket's stream where that works. `sent` runs
// exactly once for each: by the write's completion, or with false when the socket closes first. `onClose`
// comes once, after all of them.
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { Connection, ConnectionEvents } from "../../network.ts";
import { NetworkError } from "../../network.ts";
import type { HandleWriter, StreamHandle } from "./handle-writer.ts";
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
  readonly #writer: HandleWriter | null;
  #endpoints: Endpoints = { remoteAddress: "", remotePort: 0, localPort: 0 };
  #socket: Socket | null = null;
  /** Where writes go past the socket's stream: then all do, so that they stay in order. */
  #handle: StreamHandle | null = null;
  #events: ConnectionEvents | null = null;
  #error: Error | null = null;
  #isClosed = false;
  /** Sends whose fate is open and that no handle completes, oldest first. */
  readonly #unsent = new Set<Sent>();

  /** `writer` null: writes go through the socket's stream. */
  constructor(id: number, writer: HandleWriter | null) {
    this.id = id;
    this.#writer = writer;
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
    const socket = this.#socket;
    if (socket === null) return 0;
    return this.#handle === null || socket.destroyed ? socket.writableLength : this.#handle.writeQueueSize;
  }

  get isDestroyed(): boolean {
    return this.#socket?.destroyed ?? true;
  }

  /** Takes over the socket. Bytes flow from `start` on. */
  attach(socket: Socket, endpoints: Endpoints): void {
    this.#socket = socket;
    this.#handle = this.#writer?.handleOf(socket) ?? null;
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
    const socket = this.#socket;
    if (socket === null || socket.destroyed || socket.writableEnded) this.#settleLater(sent, false);
    else this.#write(socket, withoutEmpty(parts), sent);
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

  #write(socket: Socket, parts: readonly Uint8Array[], sent: Sent): void {
    if (parts.length === 0) this.#settleLater(sent, true);
    else if (this.#handle !== null) this.#writeToHandle(socket, this.#handle, parts, sent);
    else this.#writeToSocket(socket, parts, sent);
  }

  #writeToHandle(socket: Socket, handle: StreamHandle, parts: readonly Uint8Array[], sent: Sent): void {
    // Completed by the writer in any case, before the handle's close is told.
    this.#writer?.write(handle, parts, (status) => {
      if (status < 0 && !socket.destroyed) {
        const code = getSystemErrorName(status);
        socket.destroy(Object.assign(new Error(`write ${code}`), { code }));
      }
      sent(status === 0);
    });
  }

  #writeToSocket(socket: Socket, parts: readonly Uint8Array[], sent: Sent): void {
    const outcome = this.#track(sent);
    const last = parts.length - 1;
    if (last > 0) socket.cork();
    for (let i = 0; i < last; i++) socket.write(parts[i] as Uint8Array);
    socket.write(parts[last] as Uint8Array, (error) => {
      // A write cut off by `destroy` completes without an error, too.
      this.#settle(outcome, !error && !socket.destroyed);
    });
    if (last > 0) socket.uncork();
  }

  #settleLater(sent: Sent, isSent: boolean): void {
    const outcome = this.#track(sent);
    setImmediate(() => this.#settle(outcome, isSent));
  }

  /** Sets tell functions apart by identity, and a caller may pass the same one twice. */
  #track(sent: Sent): Sent {
    const outcome: Sent = (isSent) => sent(isSent);
    this.#unsent.add(outcome);
    return outcome;
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

/** `parts` itself when none is empty, as almost always. */
function withoutEmpty(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  for (const part of parts) if (part.length === 0) return parts.filter(({ length }) => length > 0);
  return parts;
}
