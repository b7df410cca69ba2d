// What a partition uses of the runtime it belongs to.
import type { Clock, Logger, Timers, Turn, Zip } from "@ottla/ports";
import type { CoordinatorShard, RecordCodec, ShardContext } from "./coordinator-shard.ts";
import type { DecisionTime } from "./decision.ts";
import type { RuntimeMetrics } from "./runtime-metrics.ts";
import type { TimerQueue } from "./timer-queue.ts";

export interface RuntimePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turn: Turn;
  readonly zip: Zip;
}

export interface RuntimeServices<Shard extends CoordinatorShard<Rec>, Rec> {
  readonly ports: RuntimePorts;
  readonly codec: RecordCodec<Rec>;
  readonly newShard: (context: ShardContext<Rec>) => Shard;
  /** How long a decision may wait for its commit. */
  readonly writeTimeoutMs: number;
  readonly logger: Logger;
  readonly metrics: RuntimeMetrics;
  readonly timers: TimerQueue;
  now(): DecisionTime;
  /** Asks for a flush of this partition at the end of the turn. */
  requestFlush(partition: { flush(): void }): void;
  answerLater(answer: () => void): void;
  runAnswers(): void;
}
