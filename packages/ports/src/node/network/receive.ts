// How received bytes reach a connection. Plain sockets read into one buffer shared by the whole loop
// (`onread`): the callback is synchronous, so the buffer is free again when it returns; a large frame may
// offer its own rest as the next buffer. A plain
// 'data' listener is the fallback for runtimes whose adopted sockets stay silent: correct, two to three times
// the CPU.
import net from "node:net";
import { RECEIVE_BUFFER_BYTES } from "../limits.ts";

/** Where the bytes of one socket go. */
export interface ReceiveSink {
  nextBuffer(): Uint8Array | null;
  onBytes(view: Uint8Array): void;
}

/** The one receive buffer of the loop, allocated at first use. */
export class ReceiveBuffer {
  #buffer: Uint8Array | null = null;

  get(): Uint8Array {
    this.#buffer ??= new Uint8Array(RECEIVE_BUFFER_BYTES);
    return this.#buffer;
  }
}

/** The `onread` option that feeds `sink`. */
export function onreadInto(sink: ReceiveSink, shared: ReceiveBuffer): net.OnReadOpts {
  return {
    // Asked once at the start and then after each read, so a frame parser already knows what it lacks.
    buffer: () => sink.nextBuffer() ?? shared.get(),
    callback: (bytesRead, buffer) => {
      sink.onBytes(buffer.subarray(0, bytesRead));
      // False would stop reading; a pause goes through `Connection.pause`.
      return true;
    },
  };
}

/** What `net` keeps private and adoption needs. Nothing outside this file knows of it. */
interface SocketInternals {
  _handle: unknown;
  _server: unknown;
  server: unknown;
}

/**
 * A socket that reads into our buffer, made from one just accepted with `pauseOnConnect`. `net` offers
 * `onread` to outgoing connections only; giving the accepted handle to a new socket is what its own cluster
 * module does. Null when there is none.
 */
export function adoptAccepted(
  accepted: net.Socket,
  sink: ReceiveSink,
  shared: ReceiveBuffer,
): net.Socket | null {
  const from = accepted as unknown as SocketInternals;
  if (from._handle === null || from._handle === undefined) return null;
  const options = { handle: from._handle, onread: onreadInto(sink, shared) };
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  const to = socket as unknown as SocketInternals;
  // The server counts its sockets through these; the old one must neither count nor close the handle.
  to._server = from._server;
  to.server = from.server;
  from._server = null;
  from._handle = null;
  return socket;
}
