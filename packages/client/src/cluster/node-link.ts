// The way to one node: a connection that is made when it is needed, closed when it idles, and made again
// after a loss, with a back-off that grows (KIP-144), and a queue for what cannot be sent yet. Invariant:
// every request is told once what became of it. A lost connection or a failed attempt fails everything that
// waits here; whether to try again, and where, is the caller's.
import type { TimerHandle } from "@ottla/ports";
import { EncodeError, findApi } from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError, type RpcOptions, type RpcResult } from "@ottla/rpc";
import { QUEUED_REQUESTS_MAX } from "../limits.ts";
import type { BackOff } from "./back-off.ts";
import type { ClusterNode } from "./cluster-node.ts";

/** What a link is made of. */
export interface NodeLinkOptions {
  readonly node: ClusterNode;
  readonly rpc: Omit<RpcOptions, "host" | "port" | "onClose" | "connectTimeoutMs">;
  readonly reconnectBackOff: BackOff;
  readonly connectBackOff: BackOff;
  /** A connection without traffic for so long is closed (connections.max.idle.ms); below 0: never. */
  readonly idleMsMax: number;
  /** An attempt failed, or a connection was lost; not told when this end closed. */
  readonly onDown: (link: NodeLink, error: RpcError) => void;
}

/** How one request is sent. */
export interface LinkSendOptions {
  readonly timeoutMs?: number;
  /** Highest version that the caller can use. */
  readonly versionMax?: number;
  /** Lowest version that the caller can use. */
  readonly versionMin?: number;
  /** The broker does not answer (Produce with acks=0); the result is a failure or `unanswered`. */
  readonly unanswered?: boolean;
  /** The broker may keep the answer back on purpose, as those of Fetch and JoinGroup. */
  readonly waits?: boolean;
}

/** What became of a request; `unanswered` for one that is not answered and whose bytes have left. */
export type LinkResult<Response> = RpcResult<Response> | { readonly kind: "unanswered" };

interface Queued {
  readonly api: RpcApi<never, never>;
  readonly request: (version: number) => never;
  readonly options: LinkSendOptions;
  readonly deadlineMs: number;
  readonly done: (result: LinkResult<never>) => void;
}

/** The way to one node. */
export class NodeLink {
  readonly #options: NodeLinkOptions;
  #node: ClusterNode;
  #connection: RpcConnection | null = null;
  #isConnecting = false;
  #isClosed = false;
  #failures = 0;
  #retryAtMs = 0;
  #queue: Queued[] = [];
  #timer: TimerHandle | null = null;
  #idleTimer: TimerHandle | null = null;
  #lastUsedMs = 0;
  /** Requests that the broker may answer late on purpose, sent or not. */
  #holding = 0;

  constructor(options: NodeLinkOptions) {
    this.#node = options.node;
    this.#options = options;
  }

  get node(): ClusterNode {
    return this.#node;
  }

  /** The node at this address has another id than was thought. */
  rename(node: ClusterNode): void {
    this.#node = node;
  }

  /** The open connection, for its versions and features. */
  get connection(): RpcConnection | null {
    return this.#connection;
  }

  get isConnecting(): boolean {
    return this.#isConnecting;
  }

  /** Failed attempts and losses since the last good connection. */
  get failures(): number {
    return this.#failures;
  }

  /** Monotonic time before which no new connection is tried. */
  get retryAtMs(): number {
    return this.#retryAtMs;
  }

  /** Requests that wait or are on their way. */
  get load(): number {
    return this.#queue.length + (this.#connection?.inFlight ?? 0);
  }

  /** A request here may be answered late on purpose: what is sent behind it waits as long. */
  get isHeld(): boolean {
    return this.#holding > 0;
  }

  /** Monotonic milliseconds before which nothing is sent: a back-off, or the broker's wish (KIP-219). */
  get notBeforeMs(): number {
    return this.#connection === null ? this.#retryAtMs : this.#connection.throttledUntilMs;
  }

  /** `done` runs once, in a later turn. */
  send<Request, Response>(
    api: RpcApi<Request, Response>,
    request: (version: number) => Request,
    options: LinkSendOptions,
    done: (result: LinkResult<Response>) => void,
  ): void {
    const { clock, turn } = this.#options.rpc.ports;
    if (this.#isClosed || this.#queue.length >= QUEUED_REQUESTS_MAX) {
      const error = this.#error("closed", this.#isClosed ? "the client is closed" : "too many requests wait");
      turn.atEnd(() => done({ kind: "failed", error }));
      return;
    }
    const deadlineMs = clock.monotonicMs() + (options.timeoutMs ?? this.#options.rpc.requestTimeoutMs);
    const queued = { api, request, options, deadlineMs, done: this.#counted(options, done) };
    this.#queue.push(queued as unknown as Queued);
    this.#pump();
  }

  /** Fails all that waits; later sends fail, too. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clearTimer();
    this.#clearIdleTimer();
    this.#connection?.close();
    this.#failQueue(this.#error("closed", "the client is closed"));
  }

  #counted<Response>(
    options: LinkSendOptions,
    done: (result: LinkResult<Response>) => void,
  ): (result: LinkResult<Response>) => void {
    if (options.waits !== true) return done;
    this.#holding += 1;
    return (result) => {
      this.#holding -= 1;
      done(result);
    };
  }

  #error(reason: "closed" | "timed-out" | "unsupported-version", message: string): RpcError {
    return new RpcError(reason, `${this.node.host}:${this.node.port}`, message);
  }

  #pump(): void {
    if (this.#queue.length === 0 || this.#isClosed) return;
    const connection = this.#connection;
    if (connection !== null) {
      let taken = 0;
      while (taken < this.#queue.length && connection.canSend) this.#sendOn(connection, this.#queue[taken++]);
      this.#queue.splice(0, taken);
    } else if (!this.#isConnecting && this.#options.rpc.ports.clock.monotonicMs() >= this.#retryAtMs) {
      this.#connect();
    }
    this.#arm();
  }

  #sendOn(connection: RpcConnection, queued: Queued | undefined): void {
    if (queued === undefined) return;
    const { api, options, done } = queued;
    const version = connection.highestVersion(api.key, options.versionMax);
    let message = unsupportedText(api.key, options, connection);
    if (version !== null && version >= (options.versionMin ?? 0)) {
      try {
        this.#sendAs(connection, queued, version);
        return;
      } catch (error) {
        // A field that the broker's version of the API does not have.
        if (!(error instanceof EncodeError)) throw error;
        message = error.message;
      }
    }
    const error = this.#error("unsupported-version", message);
    this.#options.rpc.ports.turn.atEnd(() => done({ kind: "failed", error }));
  }

  #sendAs(connection: RpcConnection, queued: Queued, version: number): void {
    const { api, request, options, deadlineMs, done } = queued;
    const { clock } = this.#options.rpc.ports;
    this.#lastUsedMs = clock.monotonicMs();
    if (options.unanswered === true) {
      connection.sendUnanswered(api, request, { version }, (error) => {
        done(error === null ? { kind: "unanswered" } : { kind: "failed", error });
      });
    } else {
      const timeoutMs = Math.max(0, deadlineMs - clock.monotonicMs());
      connection.send(api, request, { version, timeoutMs }, (result) => {
        this.#lastUsedMs = clock.monotonicMs();
        done(result);
        this.#pump();
      });
    }
  }

  #connect(): void {
    const { rpc, connectBackOff } = this.#options;
    const node = this.#node;
    this.#isConnecting = true;
    const connectTimeoutMs = connectBackOff.delayMs(this.#failures);
    const onClose = (error: RpcError) => {
      // One that was closed for idling is not missed.
      if (this.#connection !== null) this.#down(error);
    };
    RpcConnection.open({ ...rpc, host: node.host, port: node.port, connectTimeoutMs, onClose }, (result) => {
      this.#isConnecting = false;
      if (result instanceof RpcError) {
        this.#down(result);
      } else if (this.#isClosed) {
        result.close();
      } else {
        this.#connection = result;
        this.#failures = 0;
        this.#lastUsedMs = rpc.ports.clock.monotonicMs();
        this.#watchIdling(this.#options.idleMsMax);
        this.#pump();
      }
    });
  }

  /** Looks again when the connection may have idled for long enough. */
  #watchIdling(delayMs: number): void {
    this.#clearIdleTimer();
    const { rpc, idleMsMax } = this.#options;
    if (idleMsMax < 0) return;
    this.#idleTimer = rpc.ports.timers.set(delayMs, () => {
      this.#idleTimer = null;
      const connection = this.#connection;
      if (connection === null) return;
      const leftMs = this.load > 0 ? idleMsMax : this.#lastUsedMs + idleMsMax - rpc.ports.clock.monotonicMs();
      if (leftMs > 0) {
        this.#watchIdling(leftMs);
        return;
      }
      this.#connection = null;
      connection.close();
    });
  }

  #clearIdleTimer(): void {
    if (this.#idleTimer !== null) this.#options.rpc.ports.timers.clear(this.#idleTimer);
    this.#idleTimer = null;
  }

  #down(error: RpcError): void {
    this.#connection = null;
    this.#clearIdleTimer();
    const { clock } = this.#options.rpc.ports;
    this.#retryAtMs = clock.monotonicMs() + this.#options.reconnectBackOff.delayMs(this.#failures);
    this.#failures += 1;
    if (this.#isClosed) return;
    this.#options.onDown(this, error);
    this.#failQueue(error);
  }

  #failQueue(error: RpcError): void {
    const queue = this.#queue;
    this.#queue = [];
    if (queue.length === 0) return;
    this.#options.rpc.ports.turn.atEnd(() => {
      for (const { done } of queue) done({ kind: "failed", error });
    });
  }

  /** One timer: for the first deadline in the queue, or for the end of a back-off or throttling. */
  #arm(): void {
    this.#clearTimer();
    if (this.#queue.length === 0 || this.#isClosed) return;
    const { clock, timers } = this.#options.rpc.ports;
    const nowMs = clock.monotonicMs();
    let dueMs = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#queue) dueMs = Math.min(dueMs, deadlineMs);
    // A connection at its bound is pumped by the next answer.
    const isWaiting = this.#connection === null ? !this.#isConnecting : this.notBeforeMs > nowMs;
    if (isWaiting) dueMs = Math.min(dueMs, this.notBeforeMs);
    this.#timer = timers.set(Math.max(0, dueMs - nowMs), () => {
      this.#timer = null;
      this.#expire();
      this.#pump();
    });
  }

  #expire(): void {
    const nowMs = this.#options.rpc.ports.clock.monotonicMs();
    const late = this.#queue.filter(({ deadlineMs }) => deadlineMs <= nowMs);
    if (late.length === 0) return;
    this.#queue = this.#queue.filter(({ deadlineMs }) => deadlineMs > nowMs);
    const why = this.#connection === null ? "no connection in time" : "it could not be sent in time";
    const error = this.#error("timed-out", why);
    for (const { done } of late) done({ kind: "failed", error });
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#options.rpc.ports.timers.clear(this.#timer);
    this.#timer = null;
  }
}

/** Apache Kafka's words for an API, or a range of its versions, that a node does not have. */
function unsupportedText(apiKey: number, options: LinkSendOptions, connection: RpcConnection): string {
  const known = findApi(apiKey);
  const name = (known?.name ?? String(apiKey)).replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
  const served = connection.versions.get(apiKey);
  if (served === undefined || known === undefined) return `The node does not support ${name}`;
  const min = Math.max(known.minVersion, options.versionMin ?? 0);
  const max = Math.min(known.latestStable, options.versionMax ?? known.latestStable);
  return (
    `The node does not support ${name} with version in range [${min},${max}]. ` +
    `The supported range is [${served.min},${served.max}].`
  );
}
