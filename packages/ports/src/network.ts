// Byte streams. A receiver sees bytes only during `onBytes`; what must live on is copied out. A sender hands
// over parts and must leave them alone until `sent`, which runs exactly once per `send`, also when the
// connection is destroyed.

/** What the owner of a connection is told. */
export interface ConnectionEvents {
  /** `view` is valid during the call only, unless it lies in the buffer that `nextBuffer` gave. */
  onBytes(view: Uint8Array): void;
  /**
   * A buffer for the next bytes to land in (the rest of a large frame), or null for the loop's own. Asked
   * once before each read, at the latest right after the `onBytes` before it; the buffer is in use until the
   * next `onBytes` or `onClose`. Not every transport asks.
   */
  nextBuffer?(): Uint8Array | null;
  /** Once, last of all calls. `error` is null after an orderly end by either side. */
  onClose(error: Error | null): void;
}

/** One byte stream. */
export interface Connection {
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  /** Bytes handed to `send` that the kernel has not taken yet. */
  readonly queuedBytes: number;
  readonly isDestroyed: boolean;
  /** One gathered write. `sent` runs in a later turn; `sent(false)` when the bytes did not leave. */
  send(parts: readonly Uint8Array[], sent: (isSent: boolean) => void): void;
  /** Stops `onBytes` (a call already made goes on); idempotent. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends the stream. */
  end(): void;
  /** Drops everything at once. */
  destroy(): void;
}

/**
 * Connections that wait for a paused listener, unless its owner allows fewer: the few of the kernel's backlog
 * would drop a storm that is only to be slowed down. About 4 KiB and a file descriptor each; those beyond are
 * closed at once.
 */
export const HELD_CONNECTIONS_MAX = 4_096;

/** A listening socket. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Connections lost between the kernel's queue and `accept`, mostly for want of descriptors. */
  readonly acceptErrorCount: number;
  /** Stops and resumes accepting; a bounded number of connections wait meanwhile, unread. */
  pause(): void;
  resume(): void;
  /** No new connections; existing ones live on. */
  close(done: () => void): void;
}

/** A failed listen or connect: where, and the system's code (`EADDRINUSE`, `ECONNREFUSED`, …). */
export class NetworkError extends Error {
  override readonly name: string = "NetworkError";
  readonly host: string;
  readonly port: number;
  readonly code: string;
  constructor(operation: string, host: string, port: number, code: string, options?: { cause?: unknown }) {
    super(`${operation} ${host}:${port}: ${code}`, options);
    this.host = host;
    this.port = port;
    this.code = code;
  }
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly heldMax?: number;
}

/** Listening and connecting. */
export interface Network {
  /**
   * `port` 0 takes a free one. `accept` returns the events of the new connection, or null to refuse it. At
   * most `heldMax` connections (default `HELD_CONNECTIONS_MAX`) wait while the listener is paused.
   */
  listen(
    where: ListenAddress,
    accept: (connection: Connection) => ConnectionEvents | null,
    done: (result: Listener | NetworkError) => void,
  ): void;
  connect(
    where: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    connected: (result: Connection | NetworkError) => ConnectionEvents | null,
  ): void;
}
