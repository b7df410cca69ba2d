// What all admin calls share: connections, coordinators found so far, and how long a call may take.
import type { Call } from "../cluster/call.ts";
import { nextMetadata, runCall } from "../cluster/call.ts";
import type { ClusterConnections, Target } from "../cluster/cluster-connections.ts";
import type { ClusterNode } from "../cluster/cluster-node.ts";
import { Coordinators } from "../cluster/coordinators.ts";
import type { ClientConfig } from "../config/client-config.ts";
import { TimeoutError } from "../errors/kafka-error.ts";
import type { CallOptions } from "./admin-types.ts";

/** The inside of one `Admin`. */
export class AdminContext {
  readonly connections: ClusterConnections;
  readonly coordinators: Coordinators;
  readonly #config: ClientConfig;

  constructor(connections: ClusterConnections, config: ClientConfig) {
    this.connections = connections;
    this.coordinators = new Coordinators(connections);
    this.#config = config;
  }

  /** Whether the client speaks to controllers, not to brokers. */
  get isOfControllers(): boolean {
    return this.#config.list("bootstrap.controllers").length > 0;
  }

  /** Monotonic time at which a call that begins now gives up. */
  deadlineMs(options: CallOptions): number {
    return this.connections.nowMs() + (options.timeoutMs ?? this.#config.number("default.api.timeout.ms"));
  }

  /** Milliseconds until `deadlineMs`, as brokers are told. */
  remainingMs(deadlineMs: number): number {
    return Math.max(0, Math.round(deadlineMs - this.connections.nowMs()));
  }

  run<Request, Response, Result>(call: Call<Request, Response, Result>, deadlineMs: number): Promise<Result> {
    return runCall(this.connections, call, { deadlineMs, retriesMax: this.#config.number("retries") });
  }

  /** One attempt, for callers that look up the node again before the next. */
  runOnce<Request, Response, Result>(
    call: Call<Request, Response, Result>,
    deadlineMs: number,
  ): Promise<Result> {
    return runCall(this.connections, call, { deadlineMs, once: true });
  }

  /** The controller once metadata told it. */
  readonly controller = (): Target | null =>
    this.connections.metadata.controller === null ? null : "controller";

  /** A node once metadata told its address. */
  node(id: number): () => Target | null {
    return () => (this.connections.metadata.node(id) === null ? null : id);
  }

  /** All brokers, by fresh enough metadata. `name` is for the text of a time-out. */
  async brokers(name: string, deadlineMs: number): Promise<readonly ClusterNode[]> {
    const { metadata } = this.connections;
    while (metadata.isBootstrap) {
      const remainingMs = this.remainingMs(deadlineMs);
      if (remainingMs <= 0 || this.connections.isClosed) {
        throw new TimeoutError(`Timed out waiting for a node assignment. Call: ${name}`);
      }
      const arrived = nextMetadata(this.connections, remainingMs);
      this.connections.requestUpdate();
      await arrived;
    }
    return [...metadata.nodes];
  }

  /** A node by id; one that the metadata does not know has no address, as in Apache Kafka. */
  nodeOf = (id: number): ClusterNode =>
    this.connections.metadata.node(id) ?? { id, host: "", port: -1, rack: null };
}

/** The least loaded node. */
export const anyNode = (): Target => "any";
