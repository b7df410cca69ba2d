// A call that is tried until it succeeds, fails for good, or its time is over: the loop behind admin calls
// and the consumer's look-ups. Texts of time-outs are Apache Kafka's.
import { errors } from "@ottla/protocol";
import type { RpcApi, RpcResult } from "@ottla/rpc";
import { errorOfRpc, KafkaError, TimeoutError } from "../errors/kafka-error.ts";
import type { ClusterConnections, Target } from "./cluster-connections.ts";

/** What is asked, of whom, and how the answer is judged. */
export interface Call<Request, Response, Result> {
  /** Apache Kafka's name of the call, for texts. */
  readonly name: string;
  /** Null while the node is not known; then metadata is asked for. */
  readonly target: () => Target | null;
  readonly api: RpcApi<Request, Response>;
  readonly request: (version: number) => Request;
  readonly versionMin?: number;
  readonly versionMax?: number;
  /** Throws `KafkaError`: a retriable one leads to another try. */
  readonly handle: (response: Response, version: number) => Result;
  /** Told of each failure before the next try. */
  readonly onRetry?: (error: KafkaError) => void;
}

/** When a call gives up. */
export interface CallLimits {
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
  /** Default: as often as the time allows. */
  readonly retriesMax?: number;
  /** One attempt: a retriable error is thrown, too. */
  readonly once?: boolean;
}

/** Runs the call. Rejects with `KafkaError`. */
export async function runCall<Request, Response, Result>(
  connections: ClusterConnections,
  call: Call<Request, Response, Result>,
  limits: CallLimits,
): Promise<Result> {
  const run = new CallRun(connections, call.name, limits);
  for (;;) {
    const target = call.target();
    if (target === null) {
      await run.waitForNode();
      continue;
    }
    const result = await run.attempt(target, call);
    let error: KafkaError;
    if (result.kind === "response") {
      try {
        return call.handle(result.response, result.version);
      } catch (thrown) {
        if (!(thrown instanceof KafkaError)) throw thrown;
        error = thrown;
      }
    } else {
      error = errorOfRpc(result.error);
    }
    call.onRetry?.(error);
    const wasSent = result.kind === "response" || result.error.reason !== "connect-failed";
    await run.retryAfter(error, wasSent);
  }
}

/** The tries of one call. */
class CallRun {
  readonly #connections: ClusterConnections;
  readonly #name: string;
  readonly #limits: CallLimits;
  #tries = 0;
  #failures = 0;
  #nextTryWallMs = 0;

  constructor(connections: ClusterConnections, name: string, limits: CallLimits) {
    this.#connections = connections;
    this.#name = name;
    this.#limits = limits;
  }

  get #remainingMs(): number {
    return this.#limits.deadlineMs - this.#connections.nowMs();
  }

  attempt<Request, Response>(
    target: Target,
    call: Call<Request, Response, unknown>,
  ): Promise<RpcResult<Response>> {
    this.#check(null);
    const options = {
      timeoutMs: Math.min(this.#remainingMs, this.#connections.requestTimeoutMs),
      ...(call.versionMin === undefined ? {} : { versionMin: call.versionMin }),
      ...(call.versionMax === undefined ? {} : { versionMax: call.versionMax }),
    };
    return new Promise((resolve) => {
      this.#connections.send(target, call.api, call.request, options, resolve);
    });
  }

  /** Waits for metadata, at most until the deadline. */
  async waitForNode(): Promise<void> {
    this.#check(null);
    const arrived = nextMetadata(this.#connections, this.#remainingMs);
    this.#connections.requestUpdate();
    await arrived;
  }

  /** Throws when there is no further try; else waits for it. */
  async retryAfter(error: KafkaError, wasSent: boolean): Promise<void> {
    if (wasSent) this.#tries += 1;
    const delayMs = this.#connections.retryBackOff.delayMs(this.#failures);
    this.#failures += 1;
    this.#nextTryWallMs = Math.round(this.#connections.ports.clock.wallMs() + delayMs);
    if (!error.isRetriable || this.#limits.once === true) throw error;
    this.#check(error);
    if (this.#tries > (this.#limits.retriesMax ?? Number.POSITIVE_INFINITY)) throw this.#timeout(error);
    const { spec } = error;
    const isNews = spec.invalidatesMetadata || spec === errors.NOT_CONTROLLER;
    if (isNews && !this.#connections.metadata.isBootstrap) {
      const arrived = nextMetadata(this.#connections, this.#remainingMs);
      this.#connections.requestUpdate();
      await Promise.race([arrived, delay(this.#connections, delayMs)]);
    }
    await delay(this.#connections, Math.min(delayMs, Math.max(0, this.#remainingMs)));
  }

  #check(cause: KafkaError | null): void {
    if (this.#connections.isClosed) {
      throw new KafkaError(errors.UNKNOWN_SERVER_ERROR, "The client is closed.", { cause });
    }
    if (this.#remainingMs <= 0) throw this.#timeout(cause);
  }

  #timeout(cause: KafkaError | null): TimeoutError {
    const options = cause === null ? {} : { cause };
    if (this.#tries === 0) {
      return new TimeoutError(`Timed out waiting for a node assignment. Call: ${this.#name}`, options);
    }
    const wallMs = Math.round(this.#connections.ports.clock.wallMs());
    const deadlineWallMs = Math.round(wallMs + this.#remainingMs);
    const call =
      `Call(callName=${this.#name}, deadlineMs=${deadlineWallMs}, tries=${this.#tries}, ` +
      `nextAllowedTryMs=${this.#nextTryWallMs})`;
    return new TimeoutError(`${call} timed out at ${wallMs} after ${this.#tries} attempt(s)`, options);
  }
}

/** Resolves after `delayMs`. */
export function delay(connections: ClusterConnections, delayMs: number): Promise<void> {
  return new Promise((resolve) => connections.ports.timers.set(delayMs, resolve));
}

/** Resolves at the next answer or failure of a metadata request, and after `timeoutMs` at the latest. */
export function nextMetadata(connections: ClusterConnections, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = connections.ports.timers.set(Math.max(0, timeoutMs), () => finish());
    const stop = connections.onMetadata(() => finish());
    const finish = () => {
      connections.ports.timers.clear(timer);
      stop();
      resolve();
    };
  });
}
