// One partition under its coordinator: loading, then decisions. A decision is replayed at once and its
// records join the batch of this turn; the batch goes to the log at the turn's end, and who waits is answered
// when the high watermark has passed it. Invariant: everything the shard has replayed is, in order, in the
// log, in a sealed batch or in the open one. Not here: which partitions there are, time
// (coordinator-runtime.ts).
import { buildBatch, type ErrorSpec, errors, type RecordToWrite } from "@ottla/protocol";
import { SnapshotRegistry } from "@ottla/timeline";
import { LOAD_RETRY_MS, PENDING_WRITES_MAX, RECORD_OVERHEAD_BYTES } from "../limits.ts";
import type { CoordinatorAppendOutcome, CoordinatorLog } from "./coordinator-log.ts";
import type { CoordinatorShard, EncodedRecord, ShardTimer, TimerDecide } from "./coordinator-shard.ts";
import type { Decision, DecisionTime } from "./decision.ts";
import { type PendingWrite, PendingWrites } from "./pending-writes.ts";
import type { RuntimeServices } from "./runtime-services.ts";
import { ShardLoader } from "./shard-loader.ts";

/** What became of an operation. */
export type OperationResult<Reply> = { readonly reply: Reply } | { readonly error: ErrorSpec };

export type OperationDone<Reply> = (result: OperationResult<Reply>) => void;

/** A decision that waits, and who is to hear of it. */
class DecidedWrite<Reply> implements PendingWrite {
  readonly deadlineMs: number;
  isOver = false;
  readonly #decision: Decision<Reply, unknown>;
  readonly #done: OperationDone<Reply>;
  readonly #time: { now(): DecisionTime };

  constructor(
    decision: Decision<Reply, unknown>,
    done: OperationDone<Reply>,
    deadlineMs: number,
    time: { now(): DecisionTime },
  ) {
    this.deadlineMs = deadlineMs;
    this.#decision = decision;
    this.#done = done;
    this.#time = time;
  }

  committed(): void {
    const { settled, reply } = this.#decision;
    settled?.(null, this.#time.now());
    this.#done({ reply });
  }

  failed(error: ErrorSpec): void {
    this.#decision.settled?.(error, this.#time.now());
    this.#done({ error });
  }
}

/** A batch that is being filled, or is on its way to the log. */
class Batch {
  readonly baseOffset: number;
  readonly records: RecordToWrite[] = [];
  readonly writes: PendingWrite[] = [];
  bytes: number = RECORD_OVERHEAD_BYTES * 2;

  constructor(baseOffset: number) {
    this.baseOffset = baseOffset;
  }
}

/** The shard of one load, and whether that load is still the present one. */
interface Life<Shard> {
  readonly shard: Shard;
  readonly registry: SnapshotRegistry;
  isOver: boolean;
}

type State = "loading" | "active" | "gone";

export class RuntimePartition<Shard extends CoordinatorShard<Rec>, Rec> {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly #log: CoordinatorLog;
  readonly #services: RuntimeServices<Shard, Rec>;
  readonly #pending = new PendingWrites();
  readonly #deadline: ShardTimer;
  readonly #retry: ShardTimer;
  #state: State = "loading";
  #life: Life<Shard>;
  #loader: ShardLoader<Rec>;
  /** Grows with each failed append; its error is the newest's. */
  #reverts = 0;
  #revertError: ErrorSpec = errors.NOT_COORDINATOR;
  /** The offset the next record gets. */
  #nextOffset = 0;
  #open: Batch | null = null;
  /** Full or of earlier turns, oldest first; the first may be in flight. */
  #sealed: Batch[] = [];
  #isInFlight = false;

  constructor(
    partition: number,
    leaderEpoch: number,
    log: CoordinatorLog,
    services: RuntimeServices<Shard, Rec>,
  ) {
    this.partition = partition;
    this.leaderEpoch = leaderEpoch;
    this.#log = log;
    this.#services = services;
    this.#deadline = services.timers.newTimer(() => this.#expireWrites());
    this.#retry = services.timers.newTimer(() => this.#load());
    this.#life = this.#newLife();
    this.#loader = this.#newLoader();
  }

  start(): void {
    this.#loader.start();
  }

  get isActive(): boolean {
    return this.#state === "active";
  }

  /** Null when decisions are taken here. */
  get refusal(): ErrorSpec | null {
    switch (this.#state) {
      case "loading":
        return errors.COORDINATOR_LOAD_IN_PROGRESS;
      case "gone":
        return errors.NOT_COORDINATOR;
      case "active":
        return this.pendingWrites >= PENDING_WRITES_MAX ? errors.COORDINATOR_NOT_AVAILABLE : null;
    }
  }

  get pendingWrites(): number {
    let count = this.#pending.count + (this.#open?.writes.length ?? 0);
    for (const { writes } of this.#sealed) count += writes.length;
    return count;
  }

  read<Reply>(answer: (shard: Shard, committedOffset: number) => Reply): Reply {
    return answer(this.#life.shard, this.#life.registry.committedOffset);
  }

  /** Only while `refusal` is null. */
  write<Reply>(
    decide: (shard: Shard, now: DecisionTime) => Decision<Reply, Rec>,
    done: OperationDone<Reply>,
  ): void {
    const now = this.#services.now();
    const decision = decide(this.#life.shard, now);
    if (decision.isSoft === true) done({ reply: decision.reply });
    else this.#enter(decision, now, done);
    this.#services.runAnswers();
  }

  /**
   * Sends the batch of this turn to the log. While an earlier one waits for its commit decisions gather: a
   * batch, and the sync of the log behind it, cost the same however much they hold.
   */
  flush(): void {
    if (this.#sealed.length === 0 && this.#pending.first() !== null) return;
    this.#sendAll();
  }

  highWatermarkMoved(highWatermark: number): void {
    if (this.#state !== "active") return;
    this.#life.registry.commit(highWatermark);
    const done = this.#pending.takeCommitted(highWatermark);
    if (this.#open !== null) this.#services.requestFlush(this);
    for (const write of done) if (!write.isOver) write.committed();
    if (done.length > 0) {
      this.#setDeadline();
      this.#services.runAnswers();
    }
  }

  /** Ends decisions here and fails what waits. */
  unload(error: ErrorSpec): void {
    this.#end(error);
  }

  #load(): void {
    this.#state = "loading";
    this.#life = this.#newLife();
    this.#loader = this.#newLoader();
    this.#loader.start();
  }

  #newLife(): Life<Shard> {
    const registry = new SnapshotRegistry();
    const services = this.#services;
    const newTimer = (decide: TimerDecide<Rec>): ShardTimer =>
      services.timers.newTimer(() => {
        if (!life.isOver) this.write((_, now) => decide(now), ignoreOutcome);
      });
    const answerLater = (answer: () => void): void => services.answerLater(answer);
    const shard = services.newShard({ partition: this.partition, registry, newTimer, answerLater });
    const life: Life<Shard> = { shard, registry, isOver: false };
    return life;
  }

  #newLoader(): ShardLoader<Rec> {
    const { codec, ports, metrics } = this.#services;
    const { shard, registry } = this.#life;
    const options = { log: this.#log, shard, registry, codec, zip: ports.zip, turn: ports.turn, metrics };
    return new ShardLoader(options, (error) => this.#loaded(error));
  }

  #loaded(error: ErrorSpec | null): void {
    const { metrics, logger } = this.#services;
    const fields = { partition: this.partition, leaderEpoch: this.leaderEpoch };
    if (error !== null) {
      metrics.failedLoads++;
      logger.warn("a coordinator's partition could not be loaded; trying again", {
        ...fields,
        error: error.name,
        offset: this.#loader.nextOffset,
      });
      this.#life.isOver = true;
      this.#retry.set(this.#services.now().monotonicMs + LOAD_RETRY_MS);
      return;
    }
    metrics.loads++;
    this.#nextOffset = this.#log.logEndOffset;
    const { registry, shard } = this.#life;
    if (this.#nextOffset > registry.newestOffset) registry.snapshot(this.#nextOffset);
    registry.commit(this.#log.highWatermark);
    this.#state = "active";
    logger.info("a coordinator's partition is loaded", { ...fields, endOffset: this.#nextOffset });
    const now = this.#services.now();
    this.#enter(shard.loaded(now), now, ignoreOutcome);
    this.#services.runAnswers();
  }

  #enter<Reply>(decision: Decision<Reply, Rec>, now: DecisionTime, done: OperationDone<Reply>): void {
    const { records } = decision;
    const deadlineMs = now.monotonicMs + this.#services.writeTimeoutMs;
    const write = new DecidedWrite(decision, done, deadlineMs, this.#services);
    if (records.length === 0) return this.#waitForEarlier(write);
    const encoded = decision.encoded ?? this.#encoded(records);
    const reverts = this.#reverts;
    if (!this.#fits(encoded, decision.atomic)) return write.failed(errors.RECORD_LIST_TOO_LARGE);
    for (let index = 0; index < records.length; index++) {
      const bytes = encoded[index] as EncodedRecord;
      this.#room(sizeOf(bytes));
      // Making room has failed: what this was decided on is no more.
      if (this.#reverts !== reverts) return write.failed(this.#revertError);
      this.#add(records[index] as Rec, bytes, now.wallMs);
    }
    (this.#open as Batch).writes.push(write);
    this.#services.requestFlush(this);
  }

  #encoded(records: readonly Rec[]): EncodedRecord[] {
    const { codec } = this.#services;
    const encoded: EncodedRecord[] = [];
    for (const record of records) encoded.push(codec.encode(record));
    return encoded;
  }

  #sendAll(): void {
    this.#seal();
    while (!this.#isInFlight && this.#sealed.length > 0) this.#send(this.#sealed[0] as Batch);
  }

  /** Ends the open batch: the state after it becomes a snapshot. */
  #seal(): void {
    if (this.#open === null) return;
    this.#life.registry.snapshot(this.#nextOffset);
    this.#sealed.push(this.#open);
    this.#open = null;
  }

  #send(batch: Batch): void {
    const { metrics } = this.#services;
    // Base sequence 0 without a producer id is what Kafka's coordinators write.
    const bytes = buildBatch({ records: batch.records, baseSequence: 0 });
    metrics.appends++;
    metrics.appendedRecords += batch.records.length;
    metrics.appendedBytes += bytes.length;
    const life = this.#life;
    this.#isInFlight = true;
    this.#log.append(bytes, (outcome) => {
      if (!life.isOver) this.#appended(batch, outcome);
    });
  }

  #waitForEarlier(write: PendingWrite): void {
    const batch = this.#open ?? this.#sealed.at(-1) ?? null;
    if (batch !== null) batch.writes.push(write);
    else if (this.#pending.isEmpty) write.committed();
    else this.#pending.addLast(write);
  }

  /** Makes room in the open batch for an atomic decision; false when it is too large for any batch. */
  #fits(encoded: readonly EncodedRecord[], isAtomic: boolean): boolean {
    const bytesMax = this.#log.batchBytesMax - RECORD_OVERHEAD_BYTES * 2;
    let bytes = 0;
    let largest = 0;
    for (const record of encoded) {
      const size = sizeOf(record);
      bytes += size;
      largest = Math.max(largest, size);
    }
    if ((isAtomic ? bytes : largest) > bytesMax) return false;
    if (isAtomic) this.#room(bytes);
    return true;
  }

  /** Sends the open batch off when it has no room for `bytes` more. */
  #room(bytes: number): void {
    if (this.#open !== null && this.#open.bytes + bytes > this.#log.batchBytesMax) this.#sendAll();
  }

  #add(record: Rec, bytes: EncodedRecord, timestamp: number): void {
    this.#open ??= new Batch(this.#nextOffset);
    this.#life.shard.replay(record, { offset: this.#nextOffset, producerId: -1, producerEpoch: -1 });
    this.#nextOffset++;
    this.#open.records.push({ key: bytes.key, value: bytes.value, timestamp });
    this.#open.bytes += sizeOf(bytes);
  }

  #appended(batch: Batch, outcome: CoordinatorAppendOutcome): void {
    this.#isInFlight = false;
    if (outcome.kind === "refused") return this.#appendFailed(batch, outcome.error);
    if (outcome.firstOffset !== batch.baseOffset) {
      // Somebody else has written to the log: only the log itself knows the state now.
      this.#services.logger.warn("a coordinator's log has records of somebody else; loading it again", {
        partition: this.partition,
        expected: batch.baseOffset,
        offset: outcome.firstOffset,
      });
      this.#end(errors.NOT_COORDINATOR);
      return this.#load();
    }
    this.#sealed.shift();
    const endOffset = batch.baseOffset + batch.records.length;
    this.#pending.add(endOffset, batch.writes);
    if (this.#log.highWatermark >= endOffset) this.highWatermarkMoved(this.#log.highWatermark);
    else this.#setDeadline();
    if (this.#sealed.length > 0) this.#services.requestFlush(this);
  }

  /** Takes back all that was decided since the last batch that is in the log. */
  #appendFailed(batch: Batch, error: ErrorSpec): void {
    const { metrics, logger } = this.#services;
    metrics.failedAppends++;
    logger.warn("a coordinator could not append to its log", {
      partition: this.partition,
      error: error.name,
      records: batch.records.length,
    });
    this.#reverts++;
    this.#revertError = error;
    const writes = this.#takeUnappended();
    this.#life.registry.revertTo(batch.baseOffset);
    this.#nextOffset = batch.baseOffset;
    for (const write of writes) write.failed(error);
    this.#services.runAnswers();
  }

  #takeUnappended(): PendingWrite[] {
    const batches = this.#open === null ? this.#sealed : [...this.#sealed, this.#open];
    this.#sealed = [];
    this.#open = null;
    this.#isInFlight = false;
    return batches.flatMap(({ writes }) => writes);
  }

  #setDeadline(): void {
    const first = this.#pending.first();
    if (first === null) this.#deadline.cancel();
    else this.#deadline.set(first.deadlineMs);
  }

  #expireWrites(): void {
    for (const write of this.#pending.expire(this.#services.now().monotonicMs)) {
      write.isOver = true;
      this.#services.metrics.timedOutWrites++;
      write.failed(errors.REQUEST_TIMED_OUT);
    }
    if (this.#open !== null) this.#services.requestFlush(this);
    this.#setDeadline();
    this.#services.runAnswers();
  }

  #end(error: ErrorSpec): void {
    if (this.#state === "gone") return;
    const wasActive = this.#state === "active";
    this.#state = "gone";
    this.#reverts++;
    this.#revertError = error;
    this.#loader.cancel();
    this.#retry.cancel();
    this.#deadline.cancel();
    this.#life.isOver = true;
    const writes = [...this.#pending.takeAll(), ...this.#takeUnappended()];
    for (const write of writes) if (!write.isOver) write.failed(error);
    if (wasActive) this.#life.shard.unloaded(error);
    this.#services.runAnswers();
  }
}

function ignoreOutcome(): void {}

function sizeOf({ key, value }: EncodedRecord): number {
  return RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
}
