// A broker's place in its cluster: it registers, gets an epoch, and keeps it by heartbeats until it leaves.
// All requests go through peers, also when the controller is this process. Invariant: one registration or
// heartbeat is under way at a time.
//
//   registering -> fenced -> active -> leaving -> gone
import type { Endpoint } from "@ottla/config";
import { type MetadataImage, securityProtocolIds, supportedFeatures } from "@ottla/metadata";
import type { Logger, TimerHandle } from "@ottla/ports";
import {
  apiKeys,
  type BrokerHeartbeatResponse,
  type BrokerRegistrationResponse,
  type ErrorSpec,
  errorForCode,
  errors,
  makeBrokerHeartbeatRequest,
  makeBrokerRegistrationRequest,
  randomUuid,
  type Uuid,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { lifecycleLimits } from "../limits.ts";
import { loggerNames } from "../logger-names.ts";
import type { PeerResult } from "../peers/peers.ts";

/** What a broker tells the controller of itself. */
export interface BrokerIdentity {
  readonly endpoints: readonly Endpoint[];
  /** Ids of the log directories that were online at the start. */
  readonly logDirs: readonly Uuid[];
  /** Those that failed since. */
  offlineLogDirs(): Uuid[];
  /** Those that get no new replicas. */
  cordonedLogDirs(): Uuid[];
  /** Epoch of the last clean stop; -1 after a crash. */
  readonly previousEpoch: number;
}

type LifecycleState = "registering" | "fenced" | "active" | "leaving" | "gone";

/** Registration and heartbeats of one broker. */
export class BrokerLifecycle {
  readonly #broker: BrokerServices;
  readonly #logger: Logger;
  readonly #identity: BrokerIdentity;
  readonly #incarnationId: Uuid;
  #state: LifecycleState = "registering";
  #epoch = -1;
  #timer: TimerHandle | null = null;
  #isAsking = false;
  #registerUntilMs = 0;
  #leaveUntilMs = 0;
  #whenActive: ((error: Error | null) => void) | null = null;
  #whenGone: (() => void) | null = null;

  constructor(broker: BrokerServices, identity: BrokerIdentity) {
    this.#broker = broker;
    this.#logger = broker.loggers.named(loggerNames.lifecycle);
    this.#identity = identity;
    this.#incarnationId = randomUuid((length) => broker.ports.crypto.secureBytes(length));
  }

  /** Given by the controller; -1 before. */
  get epoch(): number {
    return this.#epoch;
  }

  /** `done` runs once: when clients may use the broker, or when it could not register in time. */
  start(done: (error: Error | null) => void): void {
    this.#whenActive = done;
    this.#registerUntilMs = this.#nowMs() + this.#broker.config.initialBrokerRegistrationTimeoutMs;
    this.#register();
  }

  /** Every image: what the broker waits for may have come. */
  imageChanged(image: MetadataImage): void {
    if (this.#state === "active" && this.#isCordonedAnew(image)) this.#beatSoon(0);
    if (this.#state !== "fenced" || this.#becomeActive(image)) return;
    // The image has caught up with the registration: the controller would unfence this broker now.
    if (image.offset >= this.#epoch) this.#beatSoon(0);
  }

  /** Hands over what the broker leads and leaves; `done` runs when it is out or the time is up. */
  leave(done: () => void): void {
    if (this.#state === "gone" || this.#state === "registering") {
      this.#end();
      done();
      return;
    }
    this.#whenGone = done;
    this.#state = "leaving";
    this.#leaveUntilMs = this.#nowMs() + lifecycleLimits.leaveMsMax;
    this.#beatSoon(0);
  }

  /** No more requests; for a broker that stops without leaving. */
  stop(): void {
    this.#end();
  }

  #register(): void {
    const broker = this.#broker;
    const { endpoints, logDirs, previousEpoch } = this.#identity;
    const request = makeBrokerRegistrationRequest({
      brokerId: broker.nodeId,
      clusterId: broker.clusterId,
      incarnationId: this.#incarnationId,
      listeners: endpoints.map(({ listenerName: name, host, port, securityProtocol }) => ({
        name,
        host,
        port,
        securityProtocol: securityProtocolIds[securityProtocol],
      })),
      features: supportedFeatures().map((feature) => ({ ...feature })),
      rack: broker.config.rack,
      logDirs: [...logDirs],
      previousBrokerEpoch: BigInt(previousEpoch),
    });
    this.#ask<BrokerRegistrationResponse>(apiKeys.BrokerRegistration, request, (response) => {
      if (this.#state !== "registering") return;
      if (response.errorCode !== 0) return this.#registrationFailed(errorForCode(response.errorCode));
      this.#epoch = Number(response.brokerEpoch);
      this.#state = "fenced";
      this.#logger.info("registered with the controller", { epoch: this.#epoch });
      this.#beatSoon(broker.config.brokerHeartbeatIntervalMs);
      this.imageChanged(broker.metadata.image);
    });
  }

  #registrationFailed(error: ErrorSpec): void {
    this.#logger.warn("the registration was refused", { error: error.name });
    // Another cluster, or features this code lacks, do not change by waiting.
    const isFinal = error === errors.INCONSISTENT_CLUSTER_ID || error === errors.UNSUPPORTED_VERSION;
    if (isFinal || this.#nowMs() >= this.#registerUntilMs) {
      this.#end();
      this.#settleActive(new Error(`the controller refused the registration: ${error.name}`));
      return;
    }
    this.#arm(lifecycleLimits.retryMs, () => this.#register());
  }

  #beat(): void {
    const { nodeId, metadata, config } = this.#broker;
    const isLeaving = this.#state === "leaving";
    const request = makeBrokerHeartbeatRequest({
      brokerId: nodeId,
      brokerEpoch: BigInt(this.#epoch),
      currentMetadataOffset: BigInt(metadata.image.offset),
      wantFence: false,
      wantShutDown: isLeaving,
      offlineLogDirs: this.#identity.offlineLogDirs(),
      cordonedLogDirs: this.#identity.cordonedLogDirs(),
    });
    this.#ask<BrokerHeartbeatResponse>(apiKeys.BrokerHeartbeat, request, (response) => {
      if (this.#state === "gone") return;
      if (response.errorCode !== 0) this.#beatFailed(errorForCode(response.errorCode));
      else if (this.#state === "leaving") this.#beatWhileLeaving(response.shouldShutDown);
      else {
        if (response.isFenced && this.#state === "active") this.#becomeFenced();
        this.#beatSoon(config.brokerHeartbeatIntervalMs);
        if (this.#state === "fenced" && !response.isFenced) this.#becomeActive(metadata.image);
      }
    });
  }

  #beatFailed(error: ErrorSpec): void {
    this.#logger.warn("a heartbeat was refused", { error: error.name });
    if (this.#state === "leaving") return this.#beatWhileLeaving(false);
    if (error === errors.STALE_BROKER_EPOCH || error === errors.BROKER_ID_NOT_REGISTERED) {
      this.#state = "registering";
      this.#registerUntilMs = Number.POSITIVE_INFINITY;
      this.#arm(lifecycleLimits.retryMs, () => this.#register());
      return;
    }
    this.#beatSoon(lifecycleLimits.retryMs);
  }

  #beatWhileLeaving(mayGo: boolean): void {
    if (!mayGo && this.#nowMs() < this.#leaveUntilMs) {
      this.#beatSoon(lifecycleLimits.leavingBeatMs);
      return;
    }
    if (!mayGo) this.#logger.warn("leaving without the controller's consent: the time is up");
    this.#end();
    this.#whenGone?.();
    this.#whenGone = null;
  }

  /** False as long as the image shows this incarnation fenced, or not at all. */
  #becomeActive(image: MetadataImage): boolean {
    const own = image.cluster.brokers.get(this.#broker.nodeId);
    if (own === undefined || own.fenced || own.epoch !== this.#epoch) return false;
    this.#state = "active";
    this.#logger.info("the broker is unfenced", { epoch: this.#epoch });
    this.#settleActive(null);
    return true;
  }

  /** Other log directories are cordoned than the controller knows of. */
  #isCordonedAnew({ cluster, features }: MetadataImage): boolean {
    if (!features.metadataVersion.isCordonedLogDirsSupported) return false;
    const known = cluster.brokers.get(this.#broker.nodeId)?.cordonedDirectories ?? [];
    const cordoned = this.#identity.cordonedLogDirs();
    return cordoned.length !== known.length || cordoned.some((id) => !known.includes(id));
  }

  #becomeFenced(): void {
    this.#state = "fenced";
    this.#logger.warn("the broker was fenced", { epoch: this.#epoch });
  }

  #settleActive(error: Error | null): void {
    const settle = this.#whenActive;
    this.#whenActive = null;
    settle?.(error);
  }

  /** One request at a time: what is due while another is under way happens after its answer. */
  #ask<Response>(apiKey: number, request: unknown, done: (response: Response) => void): void {
    this.#isAsking = true;
    const { peers, nodeId } = this.#broker;
    peers.send<Response>(nodeId, apiKey, request, (result: PeerResult<Response>) => {
      this.#isAsking = false;
      if (result.kind === "response") done(result.response);
      else if (this.#state === "registering") this.#registrationFailed(result.error);
      else if (this.#state !== "gone") this.#beatFailed(result.error);
    });
  }

  #beatSoon(delayMs: number): void {
    if (this.#state === "gone") return;
    if (!this.#isAsking) this.#arm(delayMs, () => this.#beat());
  }

  #arm(delayMs: number, run: () => void): void {
    const { timers } = this.#broker.ports;
    if (this.#timer !== null) timers.clear(this.#timer);
    this.#timer = timers.set(delayMs, () => {
      this.#timer = null;
      if (this.#state !== "gone" && !this.#isAsking) run();
    });
  }

  #end(): void {
    this.#state = "gone";
    if (this.#timer !== null) this.#broker.ports.timers.clear(this.#timer);
    this.#timer = null;
  }

  #nowMs(): number {
    return this.#broker.ports.clock.monotonicMs();
  }
}
