// The partitions of one coordinator's internal topic that this broker leads, and the way into them: `write`
// decides, `read` answers from what is committed. One runtime per kind of coordinator; it knows nothing of
// groups. Not here: what happens inside a partition (runtime-partition.ts), who leads it (package broker).
import type { Logger } from "@ottla/ports";
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { CoordinatorLog } from "./coordinator-log.ts";
import type { CoordinatorShard, RecordCodec, ShardContext } from "./coordinator-shard.ts";
import type { Decision, DecisionTime } from "./decision.ts";
import { RuntimeMetrics } from "./runtime-metrics.ts";
import { type OperationDone, RuntimePartition } from "./runtime-partition.ts";
import type { RuntimePorts, RuntimeServices } from "./runtime-services.ts";
import { TimerQueue } from "./timer-queue.ts";

export interface CoordinatorRuntimeOptions<Shard extends CoordinatorShard<Rec>, Rec> {
  readonly ports: RuntimePorts;
  readonly codec: RecordCodec<Rec>;
  readonly newShard: (context: ShardContext<Rec>) => Shard;
  /** How long a decision may wait for its commit. */
  readonly writeTimeoutMs: number;
  /** Asks for a call of `flush` at the end of this turn. */
  readonly requestTurnEnd: () => void;
  readonly logger: Logger;
}

/** The runtime of one coordinator. */
export class CoordinatorRuntime<Shard extends CoordinatorShard<Rec>, Rec> {
  readonly metrics: RuntimeMetrics = new RuntimeMetrics();
  readonly #partitions = new Map<number, RuntimePartition<Shard, Rec>>();
  readonly #services: RuntimeServices<Shard, Rec>;
  readonly #timers: TimerQueue;
  readonly #dirty = new Set<{ flush(): void }>();
  #answers: (() => void)[] = [];
  #isAnswering = false;

  constructor(options: CoordinatorRuntimeOptions<Shard, Rec>) {
    const { ports, codec, newShard, writeTimeoutMs, logger, requestTurnEnd } = options;
    this.#timers = new TimerQueue(ports.clock, ports.timers);
    this.#services = {
      ports,
      codec,
      newShard,
      writeTimeoutMs,
      logger,
      metrics: this.metrics,
      timers: this.#timers,
      now: () => ({ monotonicMs: ports.clock.monotonicMs(), wallMs: ports.clock.wallMs() }),
      requestFlush: (partition) => {
        this.#dirty.add(partition);
        requestTurnEnd();
      },
      answerLater: (answer) => this.#answers.push(answer),
      runAnswers: () => this.#runAnswers(),
    };
  }

  /**
   * This broker leads the partition from now on: reads it, then decides. Until then
   * COORDINATOR_LOAD_IN_PROGRESS.
   */
  load(partition: number, leaderEpoch: number, log: CoordinatorLog): void {
    const present = this.#partitions.get(partition);
    if (present !== undefined) {
      if (present.leaderEpoch >= leaderEpoch) return;
      this.#remove(present);
    }
    const loading = new RuntimePartition(partition, leaderEpoch, log, this.#services);
    this.#partitions.set(partition, loading);
    loading.start();
  }

  /** This broker no longer leads the partition. `leaderEpoch` null: whatever epoch it had here. */
  unload(partition: number, leaderEpoch: number | null): void {
    const present = this.#partitions.get(partition);
    if (present === undefined) return;
    if (leaderEpoch !== null && leaderEpoch < present.leaderEpoch) return;
    this.#remove(present);
  }

  highWatermarkMoved(partition: number, highWatermark: number): void {
    this.#partitions.get(partition)?.highWatermarkMoved(highWatermark);
  }

  /**
   * Decides in a partition. `done` runs once: before the return, or when the records are committed or have
   * failed.
   */
  write<Reply>(
    partition: number,
    decide: (shard: Shard, now: DecisionTime) => Decision<Reply, Rec>,
    done: OperationDone<Reply>,
  ): void {
    this.metrics.writes++;
    const present = this.#partitions.get(partition);
    const refusal = present === undefined ? errors.NOT_COORDINATOR : present.refusal;
    if (present === undefined || refusal !== null) return this.#reject(refusal as ErrorSpec, done);
    present.write(decide, done);
  }

  /** Answers from what is committed; `done` runs before the return. */
  read<Reply>(
    partition: number,
    answer: (shard: Shard, committedOffset: number) => Reply,
    done: OperationDone<Reply>,
  ): void {
    this.metrics.reads++;
    const present = this.#partitions.get(partition);
    if (present === undefined) return this.#reject(errors.NOT_COORDINATOR, done);
    if (!present.isActive) return this.#reject(errors.COORDINATOR_LOAD_IN_PROGRESS, done);
    done({ reply: present.read(answer) });
  }

  /** Partitions that are loaded or loading here. */
  get partitions(): number[] {
    return [...this.#partitions.keys()];
  }

  /** Decisions that wait for their commit. */
  get pendingWrites(): number {
    let count = 0;
    for (const partition of this.#partitions.values()) count += partition.pendingWrites;
    return count;
  }

  /** At the end of a turn, before the logs are written: one append per partition with decisions. */
  flush(): void {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const partition of dirty) partition.flush();
  }

  /** Ends everything; what waits is answered NOT_COORDINATOR. */
  close(): void {
    for (const partition of this.#partitions.values()) partition.unload(errors.NOT_COORDINATOR);
    this.#partitions.clear();
    this.#timers.close();
  }

  #remove(present: RuntimePartition<Shard, Rec>): void {
    this.#partitions.delete(present.partition);
    this.#dirty.delete(present);
    present.unload(errors.NOT_COORDINATOR);
  }

  #reject<Reply>(error: ErrorSpec, done: OperationDone<Reply>): void {
    this.metrics.rejected++;
    done({ error });
  }

  /** An answer may bring the next request, and that more answers: one loop runs them all. */
  #runAnswers(): void {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    while (this.#answers.length > 0) {
      const answers = this.#answers;
      this.#answers = [];
      for (const answer of answers) answer();
    }
    this.#isAnswering = false;
  }
}
