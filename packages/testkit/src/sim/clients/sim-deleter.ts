// A client that deletes the oldest records of partitions (DeleteRecords), through loss of connection and
// broker, up to offsets that were acknowledged or up to the high watermark. What was acknowledged must stay
// deleted.
import { apiKeys, errorForCode, errors } from "@ottla/protocol";
import { ApiConnection } from "./api-connection.ts";
import { keyOf, type SimClientContext, type Target } from "./sim-client.ts";

/** How it works. */
export interface SimDeleterOptions {
  readonly targets: readonly Target[];
  /** How many deletions. */
  readonly count: number;
  /** Between two of them, at most. */
  readonly pauseMsMax: number;
  /** Behind the last acknowledged record of a key; 0: there is none. */
  readonly ackedEnd: (key: string) => number;
}

interface Deletion {
  readonly target: Target;
  readonly offset: number;
}

const HIGH_WATERMARK = -1;
const HIGH_WATERMARK_ONE_IN = 8;
const RETRY_MS_MAX = 100;
const TIMEOUT_MS = 10_000;

/** A client that deletes records. */
export class SimDeleter {
  readonly #context: SimClientContext;
  readonly #options: SimDeleterOptions;
  readonly #connection: ApiConnection;
  #present: Deletion | null = null;
  #left: number;
  #isBusy = false;

  constructor(context: SimClientContext, options: SimDeleterOptions) {
    this.#context = context;
    this.#options = options;
    this.#left = options.count;
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => this.#next(),
    });
    this.#planNext();
  }

  /** Every deletion was acknowledged. */
  get isDone(): boolean {
    return this.#left === 0 && this.#present === null;
  }

  close(): void {
    this.#connection.close();
  }

  #planNext(): void {
    if (this.#left === 0) return;
    const { timers, random } = this.#context.ports;
    timers.set(random.below(this.#options.pauseMsMax + 1), () => {
      this.#left--;
      this.#present = this.#draw();
      if (this.#present === null) this.#planNext();
      else this.#next();
    });
  }

  #draw(): Deletion | null {
    const { targets, ackedEnd } = this.#options;
    const { random } = this.#context.ports;
    const target = targets[random.below(targets.length)] as Target;
    const end = ackedEnd(keyOf(target));
    if (end === 0) return null;
    const isAll = random.below(HIGH_WATERMARK_ONE_IN) === 0;
    return { target, offset: isAll ? HIGH_WATERMARK : random.below(end + 1) };
  }

  #next(): void {
    const { process, record, nowMs } = this.#context;
    const deletion = this.#present;
    if (deletion === null || this.#isBusy || !this.#connection.isUp) return;
    this.#isBusy = true;
    const { target, offset } = deletion;
    const key = keyOf(target);
    record({ f: "delete-records", type: "invoke", process, key, offset, timeMs: nowMs() });
    const topics = [
      { name: target.topic, partitions: [{ partitionIndex: target.partition, offset: BigInt(offset) }] },
    ];
    const version = this.#connection.version(apiKeys.DeleteRecords, 2);
    this.#connection.call(apiKeys.DeleteRecords, version, { topics, timeoutMs: TIMEOUT_MS }, (response) => {
      this.#isBusy = false;
      if (response === null) return;
      const answer = response.topics[0]?.partitions[0];
      if (answer === undefined) throw new Error(`${process}: DeleteRecords says nothing of ${key}`);
      if (answer.errorCode !== 0) {
        this.#failed(deletion, answer.errorCode);
        return;
      }
      const start = Number(answer.lowWatermark);
      record({ f: "delete-records", type: "ok", process, key, offset: start, timeMs: nowMs() });
      if (start < offset) throw new Error(`${process}: ${key} starts at ${start}, not at ${offset}`);
      this.#present = null;
      this.#planNext();
    });
  }

  #failed({ target, offset }: Deletion, errorCode: number): void {
    const { process, mayLoseRecords, ports } = this.#context;
    const error = errorForCode(errorCode);
    if (error === errors.OFFSET_OUT_OF_RANGE && mayLoseRecords()) {
      this.#present = null;
      this.#planNext();
      return;
    }
    if (!error.retriable)
      throw new Error(`${process}: DeleteRecords of ${keyOf(target)} up to ${offset}: ${error.name}`);
    ports.timers.set(1 + ports.random.below(RETRY_MS_MAX), () => this.#next());
  }
}
