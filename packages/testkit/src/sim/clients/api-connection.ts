// One client's connection to the broker, which comes back after a loss. An answer that cannot be read or
// matched is a bug and throws. Not here: what requests mean, and retries.
import type { Ports } from "@ottla/ports";
import { type ApiMessages, apiCodecs, type Reader } from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError } from "@ottla/rpc";

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
const IN_FLIGHT_MAX = 100;
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** A connection that comes back. */
export class ApiConnection {
  readonly #options: ApiConnectionOptions;
  #connection: RpcConnection | null = null;
  #isClosed = false;

  constructor(options: ApiConnectionOptions) {
    this.#options = options;
    this.#connect();
  }

  /** True when `call` may be used. */
  get isUp(): boolean {
    return this.#connection?.canSend === true;
  }

  /** Requests without an answer. */
  get inFlightCount(): number {
    return this.#connection?.inFlight ?? 0;
  }

  /** The highest version of an API that the broker serves, at most `wanted`. */
  version(apiKey: keyof ApiMessages, wanted: number): number {
    const range = this.#connection?.versions.get(apiKey);
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
    connection.send(
      apiOf(apiKey),
      () => request,
      { version },
      (result) => {
        if (result.kind === "failed") {
          this.#lost(connection, result.error);
          done(null);
        } else done(result.response);
      },
    );
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  #connect(): void {
    const { ports, host, port, clientId, requestTimeoutMs } = this.#options;
    RpcConnection.open(
      {
        ports,
        host,
        port,
        clientId,
        softwareName: "sim",
        softwareVersion: "1",
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        requestTimeoutMs,
        inFlightMax: IN_FLIGHT_MAX,
        responseBytesMax: RESPONSE_BYTES_MAX,
        onClose: (error) => {
          if (this.#connection !== null) this.#lost(this.#connection, error);
        },
      },
      (result) => {
        if (result instanceof RpcError) {
          assertHonest(result);
          this.#connectLater();
          return;
        }
        if (this.#isClosed) {
          result.close();
          return;
        }
        this.#connection = result;
        this.#options.onUp();
      },
    );
  }

  #connectLater(): void {
    if (this.#isClosed) return;
    const { timers, random } = this.#options.ports;
    timers.set(BACKOFF_MS + random.below(BACKOFF_SPREAD_MS), () => this.#connect());
  }

  #lost(connection: RpcConnection, error: RpcError): void {
    assertHonest(error);
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#connectLater();
  }
}

/** The codec of an API whose answers must fill their frames. */
function apiOf<Key extends keyof ApiMessages>(
  apiKey: Key,
): RpcApi<ApiMessages[Key]["request"], ApiMessages[Key]["response"]> {
  const { encodeRequest, decodeResponse } = apiCodecs[apiKey];
  return {
    key: apiKey,
    encodeRequest,
    decodeResponse: (reader: Reader, version: number) => {
      const response = decodeResponse(reader, version);
      if (reader.remaining !== 0) {
        throw new Error(`${reader.remaining} bytes behind the answer of API ${apiKey}`);
      }
      return response;
    },
  };
}

function assertHonest(error: RpcError): void {
  const { reason, message } = error;
  if (reason === "malformed" || reason === "too-large" || reason === "unsupported-version") {
    throw new Error(`${reason}: ${message}`);
  }
}
