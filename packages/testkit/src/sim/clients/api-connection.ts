// One client's connection to the broker: connects, asks ApiVersions, sends requests, matches answers, and
// connects again after a loss. An answer that cannot be read or matched is a bug and throws. Not here: what
// requests mean, and retries.
import { type Connection, NetworkError, type Ports, type TimerHandle } from "@ottla/ports";
import {
  type ApiMessages,
  apiCodecs,
  apiKeys,
  encodeRequestHeader,
  makeApiVersionsRequest,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";
import { FrameReader } from "./frame-reader.ts";

/** Where the broker listens, and how patient the client is. */
export interface ApiConnectionOptions {
  readonly ports: Ports;
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  /** Called when requests may be sent, after each connect. */
  readonly onUp: () => void;
}

const BACKOFF_MS = 50;
const BACKOFF_SPREAD_MS = 200;
const CONNECT_TIMEOUT_MS = 2000;

interface InFlight {
  readonly apiKey: keyof ApiMessages;
  readonly version: number;
  readonly correlationId: number;
  readonly timer: TimerHandle;
  /** The response, or null when the outcome is unknown. */
  readonly done: (response: unknown) => void;
}

/** A connection that comes back. */
export class ApiConnection {
  readonly #options: ApiConnectionOptions;
  readonly #writer = new Writer();
  readonly #inFlight: InFlight[] = [];
  readonly #versions = new Map<number, { readonly min: number; readonly max: number }>();
  #connection: Connection | null = null;
  #isUp = false;
  #isClosed = false;
  #nextCorrelationId = 1;

  constructor(options: ApiConnectionOptions) {
    this.#options = options;
    this.#connect();
  }

  /** True when `call` may be used. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Requests without an answer. */
  get inFlightCount(): number {
    return this.#inFlight.length;
  }

  /** The highest version of an API that the broker serves, at most `wanted`. */
  version(apiKey: keyof ApiMessages, wanted: number): number {
    const range = this.#versions.get(apiKey);
    if (range === undefined) throw new Error(`the broker does not serve API ${apiKey}`);
    return Math.max(range.min, Math.min(range.max, wanted));
  }

  /**
   * Sends a request. `done` gets null when the connection is lost before the answer: the outcome is unknown.
   */
  call<Key extends keyof ApiMessages>(
    apiKey: Key,
    version: number,
    request: ApiMessages[Key]["request"],
    done: (response: ApiMessages[Key]["response"] | null) => void,
  ): void {
    const connection = this.#connection;
    if (connection === null) throw new Error("not connected");
    const correlationId = this.#nextCorrelationId++;
    const writer = this.#writer;
    const header = {
      requestApiKey: apiKey,
      requestApiVersion: version,
      correlationId,
      clientId: this.#options.clientId,
    };
    encodeRequestHeader(writer, header, requestHeaderVersion(apiKey, version));
    apiCodecs[apiKey].encodeRequest(writer, request as never, version);
    const { parts, bytes } = writer.finish();
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, bytes);
    const timer = this.#options.ports.timers.set(this.#options.requestTimeoutMs, () => connection.destroy());
    this.#inFlight.push({
      apiKey,
      version,
      correlationId,
      timer,
      done: done as (response: unknown) => void,
    });
    connection.send([size, ...parts], () => {});
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.destroy();
  }

  #connect(): void {
    const { ports, host, port } = this.#options;
    ports.network.connect({ host, port, timeoutMs: CONNECT_TIMEOUT_MS }, (result) => {
      if (result instanceof NetworkError) {
        this.#connectLater();
        return null;
      }
      const frames = new FrameReader((frame) => this.#answered(frame));
      this.#connection = result;
      this.#begin();
      return {
        onBytes: (view) => frames.push(view),
        onClose: () => this.#lost(result),
      };
    });
  }

  #connectLater(): void {
    if (this.#isClosed) return;
    const { timers, random } = this.#options.ports;
    timers.set(BACKOFF_MS + random.below(BACKOFF_SPREAD_MS), () => this.#connect());
  }

  #begin(): void {
    const request = makeApiVersionsRequest({ clientSoftwareName: "sim", clientSoftwareVersion: "1" });
    this.call(apiKeys.ApiVersions, 3, request, (response) => {
      if (response === null) return;
      if (response.errorCode !== 0) throw new Error(`ApiVersions answered ${response.errorCode}`);
      this.#versions.clear();
      for (const { apiKey, minVersion, maxVersion } of response.apiKeys) {
        this.#versions.set(apiKey, { min: minVersion, max: maxVersion });
      }
      this.#isUp = true;
      this.#options.onUp();
    });
  }

  #answered(frame: Uint8Array): void {
    const request = this.#inFlight.shift();
    if (request === undefined) throw new Error("an answer that nobody asked for");
    this.#options.ports.timers.clear(request.timer);
    const reader = new Reader(frame);
    const correlationId = reader.int32();
    if (correlationId !== request.correlationId) {
      throw new Error(`answer ${correlationId} came where ${request.correlationId} was next`);
    }
    if (responseHeaderVersion(request.apiKey, request.version) === 1) reader.unknownTags();
    const response = apiCodecs[request.apiKey].decodeResponse(reader, request.version);
    if (reader.remaining !== 0) {
      throw new Error(`${reader.remaining} bytes behind the answer of API ${request.apiKey}`);
    }
    request.done(response);
  }

  #lost(connection: Connection): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#isUp = false;
    for (const request of this.#inFlight.splice(0)) {
      this.#options.ports.timers.clear(request.timer);
      request.done(null);
    }
    this.#connectLater();
  }
}
