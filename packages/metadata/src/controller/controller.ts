// The active controller: takes requests, decides them on its speculative state, writes the records, and
// answers once they are committed. It becomes active by opening an epoch in the metadata log; from the first
// lost append on it answers NOT_CONTROLLER and never writes again. Not here: the decisions (decisions/), the
// order of appends (append-queue.ts).
import type { BrokerConfig } from "@ottla/config";
import type { Clock, Crypto, Logger, Pieces, Random, Slices } from "@ottla/ports";
import { type ErrorSpec, errors, type Offset, randomUuid } from "@ottla/protocol";
import type { MetadataImage } from "../image/metadata-image.ts";
import { META_LOG_BATCH_BYTES_MAX, PENDING_DECISIONS_MAX, TRANSACTION_BYTES_MAX } from "../limits.ts";
import { type ImageBuilderResult, loadImage } from "../loader/load-image.ts";
import type { MetaLog } from "../meta-log/meta-log.ts";
import { appendResolved } from "../meta-log/resolved-append.ts";
import { encodeMetadataRecord, type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { activationRecords } from "./activation.ts";
import { APPEND_RECORD_BYTES_MAX, AppendQueue } from "./append-queue.ts";
import { BrokerHeartbeats } from "./broker-heartbeats.ts";
import type { ControllerContext } from "./controller-context.ts";
import { controllerRegistration } from "./controller-registration.ts";
import { ControllerState } from "./controller-state.ts";
import { fencingRecords } from "./decisions/broker-heartbeat.ts";
import type { Decider, DecisionContext } from "./decisions/decision-context.ts";
import { deciderFor } from "./decisions/decision-table.ts";
import { TopicSettings } from "./topic-settings.ts";

export interface ControllerOptions {
  readonly ports: { readonly clock: Clock; readonly random: Random; readonly crypto: Crypto };
  readonly metaLog: MetaLog;
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly logger: Logger;
  /** Decisions about very many things are made in slices of the loop. */
  readonly slices: Slices;
  /** What `bootstrap.checkpoint` holds; read only when the log is empty. */
  readonly bootstrapRecords: readonly MetadataRecord[];
  /** Called once, when this controller stopped being active without being closed. */
  readonly onResigned: (cause: Error) => void;
}

/** An active controller. */
export class Controller {
  readonly epoch: number;
  readonly #options: ControllerOptions;
  readonly #state: ControllerState;
  readonly #queue: AppendQueue;
  readonly #heartbeats: BrokerHeartbeats;
  readonly #topicSettings: TopicSettings;
  #isActive = true;

  private constructor(
    options: ControllerOptions,
    epoch: number,
    image: MetadataImage,
    appendIdPrefix: string,
  ) {
    this.epoch = epoch;
    this.#options = options;
    this.#state = new ControllerState(image);
    this.#heartbeats = new BrokerHeartbeats(options.config.brokerSessionTimeoutMs);
    this.#topicSettings = new TopicSettings(options.config);
    const nowMs = options.ports.clock.monotonicMs();
    for (const id of image.cluster.brokers.keys()) this.#heartbeats.touch(id, nowMs, -1);
    this.#queue = new AppendQueue({
      metaLog: options.metaLog,
      clock: options.ports.clock,
      epoch,
      tail: this.#state.nextOffset,
      appendIdPrefix,
      onCommitted: (offset: Offset) => this.#state.commit(offset),
      onLost: (cause) => this.#resigned(cause),
    });
  }

  /**
   * Reads the log, opens an epoch and writes what a controller writes first. `done` gets the controller once
   * that is committed: brokers can then register.
   */
  static open(options: ControllerOptions, done: (result: Controller | Error) => void): void {
    loadImage(options.metaLog, options.slices, (loaded) => {
      if (loaded instanceof Error) return done(loaded);
      const { metaLog, config, ports } = options;
      const epoch = Math.max(metaLog.epoch, loaded.image.epoch) + 1;
      const incarnationId = randomUuid((length) => ports.crypto.secureBytes(length));
      const batch = { kind: "leader-change", epoch, leaderId: config.nodeId } as const;
      const claim = { expectedTail: loaded.nextOffset, appendId: incarnationId, batch };
      appendResolved(metaLog, claim, (result) => {
        if (result.kind === "lost") return done(result.cause);
        const image = { ...loaded.image, offset: result.lastOffset, epoch };
        const controller = new Controller(options, epoch, image, incarnationId);
        controller.#activate(loaded, incarnationId, done);
      });
    });
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** With every decision so far, committed or not; for tests and metrics. */
  get speculativeImage(): MetadataImage {
    return this.#state.image;
  }

  /**
   * Decides a request of one of `controllerApiKeys`. `reply` runs once: before the return when nothing had to
   * be written and nothing is in flight, else in a later turn, after the commit and after the publishers of
   * this process.
   */
  submit<Request, Response>(
    context: ControllerContext,
    request: Request,
    reply: (response: Response) => void,
  ): void {
    const decider = deciderFor(context.apiKey);
    if (decider === null) throw new Error(`the controller does not serve API ${context.apiKey}`);
    const fail = (error: ErrorSpec, message: string | null = null): void =>
      reply(decider.failed(request, error, message) as Response);
    if (!this.#isActive) return fail(errors.NOT_CONTROLLER);
    if (this.#queue.waiting >= PENDING_DECISIONS_MAX) return fail(errors.REQUEST_TIMED_OUT);
    const decisionContext = this.#contextFor(context);
    const answerCommitted = (response: () => unknown): void =>
      this.#queue.wait({
        deadlineMs: context.deadlineMs ?? decisionContext.nowMs + this.#options.config.requestTimeoutMs,
        committed: () => reply(response() as Response),
        expired: () => fail(errors.REQUEST_TIMED_OUT),
        lost: () => fail(errors.NOT_CONTROLLER),
      });
    const cutter = decider.parts?.(decisionContext);
    const parts = cutter?.cut(request) ?? [request];
    if (cutter === undefined || parts.length <= 1) {
      const response = this.#decide(decider, decisionContext, request);
      answerCommitted(() => response);
      return;
    }
    const pieces = this.#decideParts(decider, context, parts);
    this.#options.slices.run("controller", pieces, {
      done: (responses) => {
        if (responses === null) fail(errors.NOT_CONTROLLER);
        else answerCommitted(() => cutter.join(responses));
      },
    });
  }

  /** Ends sessions and waits that are over. Call it a few times per session timeout. */
  tick(nowMs: number): void {
    if (!this.#isActive) return;
    this.#queue.expire(nowMs);
    const { cluster } = this.#state.image;
    for (const { id } of this.#heartbeats.staleBrokers(cluster.brokers.values(), nowMs)) {
      // The state has moved on with the broker before.
      const broker = this.#state.image.cluster.brokers.get(id);
      if (broker === undefined || broker.fenced) continue;
      this.#options.logger.info("fencing a broker whose session is over", {
        broker: id,
        epoch: broker.epoch,
      });
      const records = fencingRecords({ state: this.#state, topicSettings: this.#topicSettings }, broker);
      this.#write(records, false);
    }
  }

  /** Stops taking requests and waits until everything decided is written. The log stays open. */
  close(done: () => void): void {
    this.#isActive = false;
    this.#queue.wait({ deadlineMs: Number.POSITIVE_INFINITY, committed: done, expired: done, lost: done });
  }

  #activate(
    loaded: ImageBuilderResult,
    incarnationId: ReturnType<typeof randomUuid>,
    done: (result: Controller | Error) => void,
  ): void {
    const { config, bootstrapRecords, logger } = this.#options;
    let records: MetadataRecord[];
    try {
      records = activationRecords({
        image: this.#state.image,
        openTransaction: loaded.openTransaction?.name,
        bootstrapRecords,
        minInsyncReplicas: config.values.get("min.insync.replicas") ?? "1",
        registration: controllerRegistration(config, incarnationId),
      });
    } catch (error) {
      this.#isActive = false;
      return done(error as Error);
    }
    this.#write(records, true);
    this.#queue.wait({
      deadlineMs: Number.POSITIVE_INFINITY,
      committed: () => {
        logger.info("the controller is active", { epoch: this.epoch, offset: this.#state.nextOffset - 1 });
        done(this);
      },
      expired: () => {},
      lost: () => done(new Error("another controller took over at once")),
    });
  }

  /** Decides and writes; the response is true once everything written so far is committed. */
  #decide(decider: Decider<unknown, unknown>, context: DecisionContext, request: unknown): unknown {
    const { records, atomic, response } = decider.decide(context, request);
    const problem = this.#write(records, atomic);
    return problem === null ? response : decider.failed(request, errors.POLICY_VIOLATION, problem);
  }

  /** Null: this is no longer the active controller. */
  *#decideParts(
    decider: Decider<unknown, unknown>,
    context: ControllerContext,
    parts: readonly unknown[],
  ): Pieces<unknown[] | null> {
    const responses: unknown[] = [];
    for (const part of parts) {
      if (!this.#isActive) return null;
      responses.push(this.#decide(decider, this.#contextFor(context), part));
      yield;
    }
    return responses;
  }

  /** Null, or why so much cannot be written. */
  #write(records: readonly MetadataRecord[], atomic: boolean): string | null {
    if (records.length === 0) return null;
    const frames = records.map(encodeMetadataRecord);
    const bytes = AppendQueue.bytesOf(frames);
    if (!atomic || bytes <= APPEND_RECORD_BYTES_MAX) {
      this.#replayAndPush(records, frames, atomic);
      return null;
    }
    const { features } = this.#state.image;
    if (bytes > TRANSACTION_BYTES_MAX || !features.metadataVersion.isMetadataTransactionSupported) {
      return (
        `The request needs ${bytes} bytes of metadata in one step; at most ${META_LOG_BATCH_BYTES_MAX} can be ` +
        "written at once. Split it."
      );
    }
    // Several appends that take effect together; a controller that comes between aborts them (KIP-868).
    const begin = metadataRecord("BeginTransactionRecord", 0, { name: "Large decision" });
    const end = metadataRecord("EndTransactionRecord", 0, {});
    const framed = [encodeMetadataRecord(begin), ...frames, encodeMetadataRecord(end)];
    this.#replayAndPush([begin, ...records, end], framed, false);
    return null;
  }

  #replayAndPush(records: readonly MetadataRecord[], frames: readonly Uint8Array[], atomic: boolean): void {
    this.#state.replay(records, this.epoch, this.#options.ports.clock.wallMs());
    this.#queue.push(frames, { atomic });
  }

  #contextFor(request: ControllerContext): DecisionContext {
    const { config, clusterId, ports } = this.#options;
    return {
      state: this.#state,
      heartbeats: this.#heartbeats,
      topicSettings: this.#topicSettings,
      config,
      clusterId,
      random: ports.random,
      crypto: ports.crypto,
      nowMs: ports.clock.monotonicMs(),
      request,
    };
  }

  #resigned(cause: Error): void {
    this.#state.revert();
    const wasActive = this.#isActive;
    this.#isActive = false;
    this.#options.logger.warn("the controller is no longer active", {
      epoch: this.epoch,
      cause: cause.message,
    });
    if (wasActive) this.#options.onResigned(cause);
  }
}
