// All connections of one client, and its picture of the cluster. It keeps the metadata fresh, finds the least
// loaded node, leads requests to nodes, and begins again at the bootstrap addresses when no known node can be
// reached (KIP-899, KIP-1102). One attempt per `send`: trying again is the caller's (call.ts).

import type { TimerHandle } from "@ottla/ports";
import type { DescribeClusterResponse, MetadataRequest, MetadataResponse } from "@ottla/protocol";
import {
  errors,
  makeDescribeClusterRequest,
  makeMetadataRequest,
  makeMetadataRequestMetadataRequestTopic,
  makeMetadataResponse,
} from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError, type RpcResult } from "@ottla/rpc";
import type { ClientConfig } from "../config/client-config.ts";
import type { ClientLogger, ClientPorts } from "../environment/client-environment.ts";
import { RESPONSE_BYTES_MAX, SOFTWARE_NAME, SOFTWARE_VERSION } from "../limits.ts";
import type { ConnectionMetrics } from "../metrics/connection-metrics.ts";
import { describeClusterApi, metadataApi } from "./apis.ts";
import { BackOff } from "./back-off.ts";
import type { ClusterNode } from "./cluster-node.ts";
import { logDown, NETWORK_ORIGIN } from "./log-down.ts";
import { logTopicErrors } from "./log-topic-errors.ts";
import { MetadataCache } from "./metadata-cache.ts";
import { type LinkResult, type LinkSendOptions, NodeLink } from "./node-link.ts";

/** What a client tells its connections. */
export interface ClusterOptions {
  readonly ports: ClientPorts;
  /** With the client's prefix. */
  readonly logger: ClientLogger;
  readonly config: ClientConfig;
  readonly clientId: string;
  readonly bootstrap: readonly ClusterNode[];
  readonly inFlightMax: number;
  readonly metrics?: ConnectionMetrics;
  /** Topics that the metadata shall tell of, asked at each refresh; null: all. Default none. */
  readonly topics?: () => Iterable<string> | null;
  readonly allowAutoTopicCreation?: boolean;
  /** The bootstrap addresses are those of controllers, and so are all nodes (KIP-919). */
  readonly usesControllers?: boolean;
  /** Whether a lost bootstrap address is worth a line of its own (producer and consumer, not admin). */
  readonly warnsOfBootstrap?: boolean;
}

/**
 * Where a request goes: a node by id, the least loaded one, the controller, or a node by the connection that
 * carries only coordinator traffic, so that a heartbeat never waits behind a fetch. `lookUp` is a node by
 * whichever of the two holds no request that waits, so that a question never waits behind a fetch, either.
 */
export type Target =
  | number
  | "any"
  | "controller"
  | { readonly coordinator: number }
  | { readonly lookUp: number };

/** Apache Kafka's number of a second connection is this less the node's id. */
const COORDINATOR_ID_BASE = 0x7fffffff;

/** DescribeCluster's word for controllers. */
const CONTROLLER_ENDPOINTS = 2;

const METADATA_ORIGIN = "org.apache.kafka.clients.Metadata";

/** The connections of one client. */
export class ClusterConnections {
  readonly metadata: MetadataCache;
  readonly ports: ClientPorts;
  readonly logger: ClientLogger;
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  readonly retryBackOff: BackOff;
  readonly #options: ClusterOptions;
  readonly #reconnectBackOff: BackOff;
  readonly #connectBackOff: BackOff;
  readonly #links = new Map<number, NodeLink>();
  readonly #coordinatorLinks = new Map<number, NodeLink>();
  /** Of nodes that are no more, until they are idle. */
  readonly #retiring = new Set<NodeLink>();
  readonly #listeners = new Set<() => void>();
  #isClosed = false;
  #timer: TimerHandle | null = null;
  #isUpdating = false;
  #isUpdateNeeded = false;
  /** Wanted at once, however short ago the last one was; also when it was wanted during one. */
  #isUpdateUrgent = false;
  /** Tries since the last settled answer. */
  #attempts = 0;
  #correlationId = 0;
  #lastAttemptMs = Number.NEGATIVE_INFINITY;
  #lastSuccessMs: number;
  #failingSinceMs: number | null = null;

  constructor(options: ClusterOptions) {
    const { config, ports } = options;
    this.#options = options;
    this.ports = ports;
    this.logger = options.logger;
    this.clientId = options.clientId;
    this.metadata = new MetadataCache(options.bootstrap);
    this.requestTimeoutMs = config.number("request.timeout.ms");
    const backOff = (initial: string, max: string) =>
      new BackOff(config.number(initial), config.number(max), ports.random);
    this.retryBackOff = backOff("retry.backoff.ms", "retry.backoff.max.ms");
    this.#reconnectBackOff = backOff("reconnect.backoff.ms", "reconnect.backoff.max.ms");
    this.#connectBackOff = backOff(
      "socket.connection.setup.timeout.ms",
      "socket.connection.setup.timeout.max.ms",
    );
    this.#lastSuccessMs = ports.clock.monotonicMs();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Monotonic milliseconds. */
  nowMs(): number {
    return this.ports.clock.monotonicMs();
  }

  /**
   * One attempt. `request` is made when it is sent, for the version that both ends have. `done` runs once, in
   * a later turn. Byte fields of the response are views that stay valid.
   */
  send<Request, Response>(
    target: Target,
    api: RpcApi<Request, Response>,
    request: (version: number) => Request,
    options: LinkSendOptions,
    done: (result: RpcResult<Response>) => void,
  ): void {
    this.sendOrForget(target, api, request, options, done as (result: LinkResult<Response>) => void);
  }

  /** As `send`, also for requests that brokers do not answer (`options.unanswered`). */
  sendOrForget<Request, Response>(
    target: Target,
    api: RpcApi<Request, Response>,
    request: (version: number) => Request,
    options: LinkSendOptions,
    done: (result: LinkResult<Response>) => void,
  ): void {
    const link = this.#isClosed ? null : this.#linkOf(target);
    if (link === null) {
      const reason = this.#isClosed ? "closed" : "connect-failed";
      const text = typeof target === "object" ? `node ${idOf(target)}` : `node ${target}`;
      const error = new RpcError(reason, text, this.#isClosed ? "the client is closed" : "no address known");
      this.ports.turn.atEnd(() => done({ kind: "failed", error }));
      return;
    }
    link.send(api, request, options, done);
  }

  /** The node that is best asked next: connected and idle before busy before not connected. */
  leastLoadedNode(): ClusterNode {
    const found = this.#bestNode() ?? this.#bestNodeAfterRebootstrap();
    if (found !== null) return found;
    // All wait for the end of their back-off; the first of them takes the request then.
    let first: NodeLink | null = null;
    for (const { id } of this.metadata.nodes) {
      const link = this.#links.get(id);
      if (link !== undefined && (first === null || link.retryAtMs < first.retryAtMs)) first = link;
    }
    if (first === null) throw new Error("a client without any node");
    return first.node;
  }

  /** Milliseconds until the node may be asked, after a failure or because it wants to be left alone. */
  backOffMs(nodeId: number): number {
    const link = this.#links.get(nodeId);
    return link === undefined ? 0 : Math.max(0, link.notBeforeMs - this.nowMs());
  }

  /** The open connection to a node, for its versions and features; null when there is none. */
  connection(nodeId: number): RpcConnection | null {
    return this.#links.get(nodeId)?.connection ?? null;
  }

  /** Requests that wait or are on their way. */
  get requestsInFlight(): number {
    let count = 0;
    for (const links of [this.#links.values(), this.#coordinatorLinks.values(), this.#retiring]) {
      for (const link of links) count += link.load;
    }
    return count;
  }

  /** Milliseconds since the last metadata came, or since the client began. */
  get metadataAgeMs(): number {
    return this.nowMs() - this.#lastSuccessMs;
  }

  /** Asks for fresh metadata, not sooner than the back-off since the last time allows. */
  requestUpdate(): void {
    this.#isUpdateNeeded = true;
    this.#schedule();
  }

  /** Asks for metadata at once, as for a topic that is new to the client. */
  requestUpdateNow(): void {
    this.#isUpdateNeeded = true;
    this.#isUpdateUrgent = true;
    this.#attempts = 0;
    this.#schedule();
  }

  /** Calls back after each change of the metadata and each failed refresh; returns the way to stop it. */
  onMetadata(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes all connections; what waits fails with `closed`. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) this.ports.timers.clear(this.#timer);
    this.#timer = null;
    for (const links of [this.#links.values(), this.#coordinatorLinks.values(), this.#retiring]) {
      for (const link of links) link.close();
    }
    for (const listener of [...this.#listeners]) listener();
  }

  #linkOf(target: Target): NodeLink | null {
    if (target === "any") return this.#unheldLink(this.leastLoadedNode(), false);
    if (target === "controller") {
      const controller = this.metadata.controller;
      return controller === null ? null : this.#link(this.#links, controller);
    }
    const node = this.metadata.node(typeof target === "object" ? idOf(target) : target);
    if (node === null) return null;
    if (typeof target === "number") return this.#link(this.#links, node);
    return "lookUp" in target ? this.#unheldLink(node, true) : this.#link(this.#coordinatorLinks, node);
  }

  /** The node's first connection, or its second one while only that can answer soon. */
  #unheldLink(node: ClusterNode, opensSecond: boolean): NodeLink {
    const first = this.#link(this.#links, node);
    if (!first.isHeld) return first;
    const known = this.#coordinatorLinks.get(node.id);
    if (known === undefined) return opensSecond ? this.#link(this.#coordinatorLinks, node) : first;
    const isThere = known.connection !== null || (opensSecond && known.failures === 0);
    return isThere && !known.isHeld ? this.#link(this.#coordinatorLinks, node) : first;
  }

  #link(links: Map<number, NodeLink>, node: ClusterNode): NodeLink {
    const existing = links.get(node.id);
    if (existing !== undefined && isSameAddress(existing.node, node)) return existing;
    existing?.close();
    const { ports } = this;
    const { metrics } = this.#options;
    const isCoordinator = links === this.#coordinatorLinks;
    const name = (): string => `node-${isCoordinator ? COORDINATOR_ID_BASE - link.node.id : link.node.id}`;
    const link: NodeLink = new NodeLink({
      node,
      rpc: {
        ports,
        clientId: this.clientId,
        softwareName: SOFTWARE_NAME,
        softwareVersion: SOFTWARE_VERSION,
        requestTimeoutMs: this.requestTimeoutMs,
        inFlightMax: this.#options.inFlightMax,
        nextCorrelationId: () => this.#nextCorrelationId(),
        ...(metrics === undefined ? {} : { observer: metrics.observer(name) }),
        responseBytesMax: RESPONSE_BYTES_MAX,
      },
      reconnectBackOff: this.#reconnectBackOff,
      connectBackOff: this.#connectBackOff,
      idleMsMax: this.#options.config.number("connections.max.idle.ms"),
      onDown: (down, error) => this.#down(down, error),
    });
    links.set(node.id, link);
    return link;
  }

  /** Numbers are the client's, as in Apache Kafka, so that its lines of log name the same ones. */
  #nextCorrelationId(): number {
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) & 0x7fffffff;
    return correlationId;
  }

  #down(link: NodeLink, error: RpcError): void {
    if (this.#isClosed) return;
    logDown(this.logger, link.node, error, this.#options.warnsOfBootstrap ?? false);
    if (!this.metadata.isBootstrap) this.requestUpdate();
  }

  #bestNode(): ClusterNode | null {
    const nowMs = this.nowMs();
    const nodes = [...this.metadata.nodes];
    const start = this.ports.random.below(nodes.length);
    let best: ClusterNode | null = null;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[(start + index) % nodes.length] as ClusterNode;
      const rank = rankOf(this.#links.get(node.id), nowMs);
      if (rank < bestRank) {
        best = node;
        bestRank = rank;
      }
    }
    return best;
  }

  #bestNodeAfterRebootstrap(): ClusterNode | null {
    if (!this.#canRebootstrap) return null;
    this.#rebootstrap();
    return this.#bestNode();
  }

  get #canRebootstrap(): boolean {
    const strategy = this.#options.config.text("metadata.recovery.strategy");
    return !this.metadata.isBootstrap && strategy.toLowerCase() === "rebootstrap";
  }

  #rebootstrap(): void {
    const addresses = this.#options.bootstrap.map(({ host, port }) => `${host}:${port}`);
    this.logger.info(`Rebootstrapping with [${addresses.join(", ")}]`, METADATA_ORIGIN);
    this.metadata.rebootstrap();
    this.#failingSinceMs = null;
    this.requestUpdate();
  }

  #schedule(): void {
    if (this.#isClosed || this.#isUpdating) return;
    if (this.#timer !== null) this.ports.timers.clear(this.#timer);
    const nowMs = this.nowMs();
    let dueMs = this.#lastSuccessMs + this.#options.config.number("metadata.max.age.ms");
    if (this.#isUpdateUrgent) dueMs = nowMs;
    else if (this.#isUpdateNeeded) {
      dueMs = this.#lastAttemptMs + this.retryBackOff.delayMs(Math.max(0, this.#attempts - 1));
    }
    this.#timer = this.ports.timers.set(Math.max(0, dueMs - nowMs), () => {
      this.#timer = null;
      this.#update();
    });
  }

  #update(): void {
    if (this.#isUpdating || this.#isClosed) return;
    this.#isUpdating = true;
    this.#isUpdateNeeded = false;
    this.#isUpdateUrgent = false;
    this.#attempts += 1;
    this.#lastAttemptMs = this.nowMs();
    this.#checkRebootstrapTrigger();
    if (this.#options.usesControllers === true) this.#askControllers();
    else this.#askBrokers();
  }

  #askBrokers(): void {
    const request = () => this.#metadataRequest();
    this.send("any", metadataApi, request, {}, (result) => this.#answered(result));
  }

  /** Controllers do not serve Metadata. */
  #askControllers(): void {
    const request = () => makeDescribeClusterRequest({ endpointType: CONTROLLER_ENDPOINTS });
    this.send("any", describeClusterApi, request, { versionMin: 1 }, (result) => {
      if (result.kind === "failed") this.#answered(result);
      else this.#answered({ ...result, response: metadataOfControllers(result.response) });
    });
  }

  #answered(result: RpcResult<MetadataResponse>): void {
    this.#isUpdating = false;
    if (this.#isClosed) return;
    if (result.kind === "response") this.#updated(result.response, result.correlationId);
    else this.#updateFailed(result.error);
    for (const listener of [...this.#listeners]) listener();
    this.#schedule();
  }

  #metadataRequest(): MetadataRequest {
    const wanted = this.#options.topics === undefined ? [] : this.#options.topics();
    const topics =
      wanted === null
        ? null
        : Array.from(wanted, (name) => makeMetadataRequestMetadataRequestTopic({ name }));
    const allowAutoTopicCreation = this.#options.allowAutoTopicCreation ?? false;
    return makeMetadataRequest({ topics, allowAutoTopicCreation });
  }

  #updated(response: MetadataResponse, correlationId: number): void {
    if (response.errorCode === errors.REBOOTSTRAP_REQUIRED.code && this.#canRebootstrap) {
      this.#rebootstrap();
      this.#isUpdateUrgent = true;
      this.#isUpdateNeeded = true;
      return;
    }
    this.#lastSuccessMs = this.nowMs();
    this.#failingSinceMs = null;
    const isUnsettled = this.metadata.update(response);
    if (this.#options.warnsOfBootstrap === true) {
      logTopicErrors(this.logger, this.metadata.topicErrors, correlationId);
    }
    this.#adoptLinks();
    if (isUnsettled) this.#isUpdateNeeded = true;
    else if (!this.#isUpdateNeeded) this.#attempts = 0;
  }

  #updateFailed(error: RpcError): void {
    this.#isUpdateNeeded = true;
    if (error.reason !== "connect-failed" && error.reason !== "disconnected") {
      this.logger.warn(`Metadata could not be fetched: ${error.message}`, NETWORK_ORIGIN);
    }
  }

  /** KIP-1102: too long without any answer begins anew even while connections can be made. */
  #checkRebootstrapTrigger(): void {
    const nowMs = this.nowMs();
    this.#failingSinceMs ??= nowMs;
    const triggerMs = this.#options.config.number("metadata.recovery.rebootstrap.trigger.ms");
    if (nowMs - this.#failingSinceMs > triggerMs && this.#canRebootstrap) this.#rebootstrap();
  }

  /** A bootstrap connection serves on as that of the node that lives at its address. */
  #adoptLinks(): void {
    if (this.metadata.isBootstrap) return;
    for (const [id, link] of this.#links) {
      if (this.metadata.node(id) !== null) continue;
      this.#links.delete(id);
      const node = [...this.metadata.nodes].find((each) => isSameAddress(each, link.node));
      if (id < 0 && node !== undefined && !this.#links.has(node.id)) {
        link.rename(node);
        this.#links.set(node.id, link);
      } else {
        this.#retiring.add(link);
      }
    }
    for (const [id, link] of this.#coordinatorLinks) {
      if (this.metadata.node(id) !== null) continue;
      this.#coordinatorLinks.delete(id);
      this.#retiring.add(link);
    }
    for (const link of this.#retiring) {
      if (link.load > 0) continue;
      this.#retiring.delete(link);
      link.close();
    }
  }
}

/** An answer about controllers in the form of one about brokers. */
function metadataOfControllers(response: DescribeClusterResponse): MetadataResponse {
  const { clusterId, controllerId, errorCode } = response;
  const brokers = response.brokers.map(({ brokerId: nodeId, host, port, rack }) => ({
    nodeId,
    host,
    port,
    rack,
  }));
  return makeMetadataResponse({ brokers, clusterId, controllerId, errorCode, topics: [] });
}

function isSameAddress(left: ClusterNode, right: ClusterNode): boolean {
  return left.host === right.host && left.port === right.port;
}

function idOf(target: { readonly coordinator: number } | { readonly lookUp: number }): number {
  return "coordinator" in target ? target.coordinator : target.lookUp;
}

/** Lower is better; infinite for a node that may not be tried yet. */
function rankOf(link: NodeLink | undefined, nowMs: number): number {
  if (link === undefined) return 2e6;
  // One that wants no request for a while is there all the same: it is no reason to begin anew elsewhere.
  if (link.connection !== null) return link.notBeforeMs > nowMs ? 4e6 : link.load;
  if (link.isConnecting) return 1e6 + link.load;
  return link.retryAtMs > nowMs ? Number.POSITIVE_INFINITY : 2e6 + link.failures;
}
