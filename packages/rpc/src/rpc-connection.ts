// One connection to a broker: TCP, the exchange of versions, then requests matched with answers in order.
// Invariants: `done` of a request runs exactly once and never inside `send`; at most `inFlightMax` requests
// wait; the first request without an answer in time ends the connection, because later answers stand behind
// it; nothing is sent for as long as the broker asked for (KIP-219). Not here: which broker to ask, retries,
// connecting again.
import { type Connection, NetworkError, type Ports, type TimerHandle } from "@ottla/ports";
import {
  type ApiVersionsResponse,
  DecodeError,
  encodeRequestHeader,
  findApi,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";
import { apiVersionsApi, apiVersionsRequest, decodeFirstAnswer } from "./api-versions.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import { API_VERSIONS_VERSION_TRIED, WRITER_CHUNK_BYTES } from "./limits.ts";
import type { RpcApi, RpcResult, ServedVersions } from "./rpc-api.ts";
import { RpcError, type RpcFailure } from "./rpc-error.ts";
import type { RpcObserver } from "./rpc-observer.ts";
import { clientThrottles, throttleTimeMs } from "./throttle-versions.ts";

/** What a connection asks of its surroundings. */
export type RpcPorts = Pick<Ports, "clock" | "timers" | "network" | "turn">;

/** Whom to connect to, and within which bounds. */
export interface RpcOptions {
  readonly ports: RpcPorts;
  readonly host: string;
  readonly port: number;
  readonly clientId: string | null;
  /** KIP-511. */
  readonly softwareName: string;
  readonly softwareVersion: string;
  readonly connectTimeoutMs: number;
  /** Default of a request's time. */
  readonly requestTimeoutMs: number;
  readonly inFlightMax: number;
  /** Largest answer that is taken. */
  readonly responseBytesMax: number;
  /** Where requests of several connections share their numbers; default 0, 1, 2 … of this one. */
  readonly nextCorrelationId?: () => number;
  readonly observer?: RpcObserver;
  /** Once, after every pending request was told, when an opened connection is gone for whatever reason. */
  readonly onClose?: (error: RpcError) => void;
}

/** How one request is sent. */
export interface SendOptions {
  /** Exactly this one; default the highest that both ends know. */
  readonly version?: number;
  readonly timeoutMs?: number;
}

interface InFlight {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly sentMs: number;
  readonly deadlineMs: number;
  readonly decode: (reader: Reader, version: number) => unknown;
  readonly done: (result: RpcResult<never>) => void;
}

/** An open connection. */
export class RpcConnection {
  readonly address: string;
  readonly #options: RpcOptions;
  readonly #connection: Connection;
  readonly #receiver: FrameReceiver;
  readonly #writer = new Writer(WRITER_CHUNK_BYTES);
  readonly #inFlight: InFlight[] = [];
  readonly #versions = new Map<number, ServedVersions>();
  #apiVersions: ApiVersionsResponse | null = null;
  #opened: ((result: RpcConnection | RpcError) => void) | null;
  #timer: TimerHandle | null = null;
  #outgoing: Uint8Array[] = [];
  #correlationId = 0;
  #failure: RpcError | null = null;
  #throttledUntilMs = Number.NEGATIVE_INFINITY;

  private constructor(
    options: RpcOptions,
    connection: Connection,
    opened: (result: RpcConnection | RpcError) => void,
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#opened = opened;
    this.address = addressOf(options);
    this.#receiver = new FrameReceiver(options.responseBytesMax, {
      onFrame: (frame) => this.#answered(frame),
      onBadLength: (length) => this.#fail("too-large", `a response of ${length} bytes was announced`),
    });
  }

  /** Connects and asks for the versions. `done` runs once, in a later turn. */
  static open(options: RpcOptions, done: (result: RpcConnection | RpcError) => void): void {
    const { host, port, connectTimeoutMs: timeoutMs } = options;
    options.ports.network.connect({ host, port, timeoutMs }, (result) => {
      if (result instanceof NetworkError) {
        done(new RpcError("connect-failed", addressOf(options), result.code, { cause: result }));
        return null;
      }
      const connection = new RpcConnection(options, result, done);
      connection.#askVersions(API_VERSIONS_VERSION_TRIED);
      return {
        onBytes: (view) => connection.#receiver.push(view),
        nextBuffer: () => connection.#receiver.nextBuffer(),
        onClose: (error) => connection.#lost(error),
      };
    });
  }

  /** What the broker serves, by API key. */
  get versions(): ReadonlyMap<number, ServedVersions> {
    return this.#versions;
  }

  /** The broker's answer to ApiVersions, with its features. */
  get apiVersions(): ApiVersionsResponse {
    if (this.#apiVersions === null) throw new Error("the connection is not open");
    return this.#apiVersions;
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  get isClosed(): boolean {
    return this.#failure !== null;
  }

  /** Whether `send` may be called. */
  get canSend(): boolean {
    return this.#failure === null && this.#inFlight.length < this.#options.inFlightMax && !this.#isThrottled;
  }

  /** Monotonic time until which the broker wants no further request. */
  get throttledUntilMs(): number {
    return this.#throttledUntilMs;
  }

  get #isThrottled(): boolean {
    return this.#throttledUntilMs > this.#options.ports.clock.monotonicMs();
  }

  /** The highest version that both ends know, at most `max`; null when there is none. */
  highestVersion(apiKey: number, max?: number): number | null {
    const served = this.#versions.get(apiKey);
    const known = findApi(apiKey);
    if (served === undefined || known === undefined) return null;
    const highest = Math.min(served.max, known.latestStable, max ?? known.latestStable);
    return highest < Math.max(served.min, known.minVersion) ? null : highest;
  }

  /**
   * Sends a request. Call it only while `canSend`. `request` may depend on the version that is chosen. Large
   * byte fields of it must stay unchanged until `done`.
   */
  send<Request, Response>(
    api: RpcApi<Request, Response>,
    request: (version: number) => Request,
    options: SendOptions,
    done: (result: RpcResult<Response>) => void,
  ): void {
    if (!this.canSend) throw new Error(`a request to ${this.address} that may not be sent`);
    const version = options.version ?? this.highestVersion(api.key);
    if (version === null) {
      const error = new RpcError(
        "unsupported-version",
        this.address,
        `no common version of API ${findApi(api.key)?.name ?? api.key}`,
      );
      this.#options.ports.turn.atEnd(() => done({ kind: "failed", error }));
      return;
    }
    const correlationId = this.#write(api, request(version), version);
    const timeoutMs = options.timeoutMs ?? this.#options.requestTimeoutMs;
    const sentMs = this.#options.ports.clock.monotonicMs();
    const deadlineMs = sentMs + timeoutMs;
    this.#inFlight.push({
      apiKey: api.key,
      version,
      correlationId,
      sentMs,
      deadlineMs,
      decode: api.decodeResponse,
      done: done as (result: RpcResult<never>) => void,
    });
    this.#arm(deadlineMs);
  }

  /**
   * Sends a request that the broker does not answer (Produce with acks=0). `done` tells whether the bytes
   * left; until then large byte fields must stay unchanged.
   */
  sendUnanswered<Request>(
    api: RpcApi<Request, unknown>,
    request: (version: number) => Request,
    options: { readonly version?: number },
    done: (error: RpcError | null) => void,
  ): void {
    const version = options.version ?? this.highestVersion(api.key);
    if (this.#failure !== null || version === null) {
      const error = this.#failure ?? new RpcError("unsupported-version", this.address, `API ${api.key}`);
      this.#options.ports.turn.atEnd(() => done(error));
      return;
    }
    this.#write(api, request(version), version);
    this.#flush((isSent) => {
      done(isSent ? null : new RpcError("disconnected", this.address, "the connection was lost"));
    });
  }

  /** Ends the connection; requests in flight fail with `closed`. */
  close(): void {
    this.#fail("closed", "the connection was closed by this end");
  }

  #write<Request>(api: RpcApi<Request, unknown>, request: Request, version: number): number {
    const writer = this.#writer;
    const correlationId = this.#nextCorrelationId();
    try {
      writer.int32(0);
      encodeRequestHeader(
        writer,
        {
          requestApiKey: api.key,
          requestApiVersion: version,
          correlationId,
          clientId: this.#options.clientId,
        },
        requestHeaderVersion(api.key, version),
      );
      api.encodeRequest(writer, request, version);
    } catch (error) {
      writer.discard();
      throw error;
    }
    const { parts, bytes } = writer.finish();
    // The room for the length is the start of the first part, which nobody has seen yet.
    const first = parts[0] as Uint8Array;
    new DataView(first.buffer, first.byteOffset, 4).setInt32(0, bytes - 4);
    if (this.#outgoing.length === 0) this.#options.ports.turn.atEnd(() => this.#flush(ignoreSent));
    for (const part of parts) this.#outgoing.push(part);
    this.#options.observer?.sent(bytes);
    return correlationId;
  }

  #nextCorrelationId(): number {
    const { nextCorrelationId } = this.#options;
    if (nextCorrelationId !== undefined) return nextCorrelationId();
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) & 0x7fffffff;
    return correlationId;
  }

  #flush(sent: (isSent: boolean) => void): void {
    const parts = this.#outgoing;
    if (parts.length === 0) return;
    this.#outgoing = [];
    this.#connection.send(parts, sent);
  }

  #arm(deadlineMs: number): void {
    const { timers, clock } = this.#options.ports;
    if (this.#timer !== null) {
      if (this.#timer.dueMs <= deadlineMs) return;
      timers.clear(this.#timer);
    }
    this.#timer = timers.set(Math.max(0, deadlineMs - clock.monotonicMs()), () => this.#checkDeadlines());
  }

  #checkDeadlines(): void {
    this.#timer = null;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#inFlight) nextMs = Math.min(nextMs, deadlineMs);
    if (nextMs === Number.POSITIVE_INFINITY) return;
    if (nextMs > this.#options.ports.clock.monotonicMs()) this.#arm(nextMs);
    else this.#fail("timed-out", "no answer in time");
  }

  #answered(frame: Uint8Array): void {
    const request = this.#inFlight.shift();
    if (request === undefined) {
      this.#fail("malformed", "an answer that nobody asked for");
      return;
    }
    let response: never;
    try {
      response = decodeAnswer(request, frame) as never;
    } catch (cause) {
      this.#inFlight.unshift(request);
      if (!(cause instanceof DecodeError)) throw cause;
      this.#fail("malformed", cause.message, cause);
      return;
    }
    this.#noteAnswer(request, response, frame.length);
    const { version, correlationId } = request;
    request.done({ kind: "response", response, version, correlationId });
  }

  #noteAnswer({ apiKey, version, sentMs }: InFlight, response: unknown, bytes: number): void {
    const { observer, ports } = this.#options;
    const throttleMs = throttleTimeMs(response);
    const nowMs = ports.clock.monotonicMs();
    if (throttleMs > 0 && clientThrottles(apiKey, version)) {
      this.#throttledUntilMs = Math.max(this.#throttledUntilMs, nowMs + throttleMs);
    }
    observer?.received(4 + bytes);
    observer?.answered(apiKey, nowMs - sentMs, throttleMs);
  }

  #askVersions(version: number): void {
    this.send(
      apiVersionsApi,
      () => apiVersionsRequest(this.#options),
      { version },
      (result) => {
        const opened = this.#opened;
        if (opened === null) return;
        if (result.kind === "failed") {
          this.#opened = null;
          opened(result.error);
          return;
        }
        const { fallback, error } = decodeFirstAnswer(result.response, version);
        if (fallback !== null) {
          this.#askVersions(fallback);
        } else if (error !== null) {
          this.#fail("malformed", error);
          this.#opened = null;
          opened(this.#failure ?? new RpcError("malformed", this.address, error));
        } else {
          this.#opened = null;
          this.#apiVersions = result.response;
          for (const { apiKey, minVersion: min, maxVersion: max } of result.response.apiKeys) {
            this.#versions.set(apiKey, { min, max });
          }
          this.#options.observer?.opened();
          opened(this);
        }
      },
    );
  }

  #lost(cause: Error | null): void {
    this.#fail("disconnected", cause === null ? "the broker closed the connection" : cause.message, cause);
  }

  /** Everything ends here, once. */
  #fail(reason: RpcFailure, message: string, cause?: unknown): void {
    if (this.#failure !== null) return;
    const { ports, onClose, observer } = this.#options;
    const failure = new RpcError(reason, this.address, message, { cause });
    this.#failure = failure;
    this.#receiver.stop();
    if (this.#timer !== null) ports.timers.clear(this.#timer);
    this.#timer = null;
    this.#connection.destroy();
    const nowMs = ports.clock.monotonicMs();
    ports.turn.atEnd(() => {
      for (const request of this.#inFlight.splice(0)) {
        request.done({ kind: "failed", error: this.#errorOf(request, failure, nowMs) });
      }
      // Whoever was never given the connection learns nothing of its end, either.
      if (this.#apiVersions === null) return;
      observer?.closed();
      onClose?.(failure);
    });
  }

  /** Of the requests on a connection that timed out, only the late ones did. */
  #errorOf(request: InFlight, failure: RpcError, nowMs: number): RpcError {
    if (failure.reason !== "timed-out" || request.deadlineMs <= nowMs) return failure;
    return new RpcError("disconnected", this.address, "a request before this one got no answer in time");
  }
}

function ignoreSent(): void {}

function addressOf({ host, port }: RpcOptions): string {
  return `${host}:${port}`;
}

function decodeAnswer(request: InFlight, frame: Uint8Array): unknown {
  const reader = new Reader(frame);
  const correlationId = reader.int32();
  if (correlationId !== request.correlationId) {
    throw new DecodeError(`answer ${correlationId} came where ${request.correlationId} was next`);
  }
  if (responseHeaderVersion(request.apiKey, request.version) >= 1) reader.unknownTags();
  return request.decode(reader, request.version);
}
