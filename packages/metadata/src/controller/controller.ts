// The active controller: takes requests, decides them on its speculative state, writes the records, and
// answers once they are committed. It becomes active by opening an epoch in the metadata log; from the first
// lost append on it answers NOT_CONTROLLER and never writes again. Not here: the decisions (decisions/), the
// order of appends (append-queue.ts).
import type { BrokerConfig } from "@ottla/config";
import {
  type Clock,
  type Crypto,
  type Logger,
  type Pieces,
  type Random,
  runWhole,
  type Slices,
} from "@ottla/ports";
import { type ErrorSpec, errors, type Offset, randomUuid } from "@ottla/protocol";
import type { MetadataImage } from "../image/metadata-image.ts";
import {
  DECISION_RECORDS_AT_ONCE,
  FRAME_BYTES_FIRST,
  FRAMES_CHUNK_BYTES,
  META_LOG_BATCH_BYTES_MAX,
  PENDING_DECISIONS_MAX,
  TRANSACTION_BYTES_MAX,
} from "../limits.ts";
import { type ImageBuilderResult, loadImage } from "../loader/load-image.ts";
import type { MetaLog } from "../meta-log/meta-log.ts";
import { appendResolved } from "../meta-log/resolved-append.ts";
import {
  encodeMetadataRecord,
  encodeMetadataRecords,
  type MetadataRecord,
  metadataRecord,
} from "../records/metadata-record.ts";
import { activationRecords } from "./activation.ts";
import { APPEND_RECORD_BYTES_MAX, AppendQueue } from "./append-queue.ts";
import { BrokerHeartbeats } from "./broker-heartbeats.ts";
import type { ControllerContext } from "./controller-context.ts";
import { controllerRegistration } from "./controller-registration.ts";
import { ControllerState } from "./controller-state.ts";
import type { Decision } from "./decision.ts";
import { fencingRecords } from "./decisions/broker-heartbeat.ts";
import type { Decider, DecisionContext, Refusal } from "./decisions/decision-context.ts";
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

/** What a decision writes. */
type Changes = Pick<Decision<unknown>, "records" | "atomic">;

/** An active controller. */
export class Controller {
  readonly epoch: number;
  readonly #options: ControllerOptions;
  readonly #state: ControllerState;
  readonly #queue: AppendQueue;
  readonly #heartbeats: BrokerHeartbeats;
  readonly #topicSettings: TopicSettings;
  #isActive = true;
  /** A large decision is being replayed in slices, on the state as it was when it was decided. */
  #isDeciding = false;
  /** Requests that came meanwhile. */
  readonly #held: (() => void)[] = [];

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
    if (this.#queue.waiting + this.#held.length >= PENDING_DECISIONS_MAX)
      return fail(errors.REQUEST_TIMED_OUT);
    if (this.#isDeciding) {
      this.#held.push(() => this.submit(context, request, reply));
      return;
    }
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
      const [asked = request] = parts;
      this.#decide(decider, decisionContext, asked, (response) => answerCommitted(() => response));
      return;
    }
    this.#inSlices(this.#decideParts(decider, context, parts), (responses) => {
      if (responses === null) fail(errors.NOT_CONTROLLER);
      else answerCommitted(() => cutter.join(responses));
    });
  }

  /** Ends sessions and waits that are over. Call it a few times per session timeout. */
  tick(nowMs: number): void {
    if (!this.#isActive) return;
    this.#queue.expire(nowMs);
    if (this.#isDeciding) return;
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
      this.#write({ records, atomic: false }, () => {});
      // The next tick sees to the others.
      if (this.#isDeciding) return;
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
    // Nothing else is decided yet.
    runWhole(this.#writing({ records, atomic: true }));
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

  /** `done` gets the response, before the return when it takes little. */
  #decide(
    decider: Decider<unknown, unknown>,
    context: DecisionContext,
    request: unknown,
    done: (response: unknown) => void,
  ): void {
    const pieces = decider.decideInPieces?.(context, request);
    const first = pieces?.next();
    if (pieces !== undefined && first?.done === false) {
      // From here on, not from its first slice.
      this.#isDeciding = true;
      this.#inSlices(this.#decidingAlone(decider, request, pieces), done);
      return;
    }
    const decision = first?.done === true ? first.value : decider.decide(context, request);
    this.#write(decision, (problem) => done(responseOf(decider, request, decision, problem)));
  }

  /** Null: this is no longer the active controller. */
  *#decideParts(
    decider: Decider<unknown, unknown>,
    context: ControllerContext,
    parts: readonly unknown[],
  ): Pieces<unknown[] | null> {
    const responses: unknown[] = [];
    for (const part of parts) {
      while (this.#isDeciding) yield;
      if (!this.#isActive) return null;
      // The response is true once everything written so far is committed.
      responses.push(yield* this.#decidingPart(decider, context, part));
      this.#submitHeld();
      yield;
    }
    return responses;
  }

  *#decidingPart(
    decider: Decider<unknown, unknown>,
    request: ControllerContext,
    part: unknown,
  ): Pieces<unknown> {
    const context = this.#contextFor(request);
    const pieces = decider.decideInPieces?.(context, part);
    if (pieces !== undefined) return yield* this.#decidingAlone(decider, part, pieces);
    const decision = decider.decide(context, part);
    const isLarge = decision.records.length > DECISION_RECORDS_AT_ONCE;
    const problem = isLarge ? yield* this.#writingAlone(decision) : runWhole(this.#writing(decision));
    return responseOf(decider, part, decision, problem);
  }

  /** Decides on the state as it is now, with nothing else decided meanwhile. Answers the response. */
  *#decidingAlone(
    decider: Decider<unknown, unknown>,
    request: unknown,
    pieces: Pieces<Decision<unknown>>,
  ): Pieces<unknown> {
    this.#isDeciding = true;
    try {
      const decision = yield* pieces;
      return responseOf(decider, request, decision, yield* this.#writing(decision));
    } finally {
      this.#isDeciding = false;
    }
  }

  /**
   * Replays and pushes what was decided on the state as it is now; a large decision in slices, with nothing
   * decided meanwhile. `done` runs before the return when it is small.
   */
  #write(decision: Changes, done: (problem: Refusal | null) => void): void {
    if (decision.records.length <= DECISION_RECORDS_AT_ONCE) done(runWhole(this.#writing(decision)));
    else {
      // From here on, not from its first slice.
      this.#isDeciding = true;
      this.#inSlices(this.#writingAlone(decision), done);
    }
  }

  #inSlices<Result>(pieces: Pieces<Result>, done: (result: Result) => void): void {
    this.#options.slices.run("controller", pieces, {
      done: (result) => {
        done(result);
        this.#submitHeld();
      },
    });
  }

  #submitHeld(): void {
    while (!this.#isDeciding) {
      const submit = this.#held.shift();
      if (submit === undefined) return;
      submit();
    }
  }

  *#writingAlone(decision: Changes): Pieces<Refusal | null> {
    this.#isDeciding = true;
    try {
      return yield* this.#writing(decision);
    } finally {
      this.#isDeciding = false;
    }
  }

  /** Null, or why it cannot be written. */
  *#writing({ records, atomic }: Changes): Pieces<Refusal | null> {
    if (records.length === 0) return null;
    const chunkBytes = Math.min(FRAMES_CHUNK_BYTES, records.length * FRAME_BYTES_FIRST);
    const frames = yield* encodeMetadataRecords(records, chunkBytes);
    const bytes = AppendQueue.bytesOf(frames);
    if (!atomic || bytes <= APPEND_RECORD_BYTES_MAX)
      return yield* this.#replayAndPush(records, frames, atomic);
    const { features } = this.#state.image;
    if (bytes > TRANSACTION_BYTES_MAX || !features.metadataVersion.isMetadataTransactionSupported) {
      const message =
        `The request needs ${bytes} bytes of metadata in one step; at most ${META_LOG_BATCH_BYTES_MAX} can be ` +
        "written at once. Split it.";
      return { error: errors.POLICY_VIOLATION, message };
    }
    // Several appends that take effect together; a controller that comes between aborts them (KIP-868).
    const begin = metadataRecord("BeginTransactionRecord", 0, { name: "Large decision" });
    const end = metadataRecord("EndTransactionRecord", 0, {});
    const framed = [encodeMetadataRecord(begin), ...frames, encodeMetadataRecord(end)];
    return yield* this.#replayAndPush([begin, ...records, end], framed, false);
  }

  *#replayAndPush(
    records: readonly MetadataRecord[],
    frames: readonly Uint8Array[],
    atomic: boolean,
  ): Pieces<Refusal | null> {
    // Lost, or closed, meanwhile: the state may be another one by now.
    const notController = { error: errors.NOT_CONTROLLER, message: null };
    if (!this.#isActive) return notController;
    const next = yield* this.#state.tryOut(records, this.epoch, this.#options.ports.clock.wallMs());
    if (!this.#isActive) return notController;
    this.#state.adopt(next);
    this.#queue.push(frames, { atomic });
    return null;
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

function responseOf(
  decider: Decider<unknown, unknown>,
  request: unknown,
  decision: Decision<unknown>,
  problem: Refusal | null,
): unknown {
  return problem === null ? decision.response : decider.failed(request, problem.error, problem.message);
}
