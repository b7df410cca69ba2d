// The idempotent producer of package client at work: every record must come to be acknowledged, however often
// the broker dies. Its outcomes go to the history record by record.
import { type KafkaError, Producer, type RecordMetadata } from "@ottla/client";
import { keyOf, type SimClientContext, type Target } from "../sim-client.ts";
import { recordParts } from "../value-records.ts";
import { engineEnvironment, engineSettings } from "./engine-settings.ts";

/** How it works. */
export interface EngineProducerOptions {
  readonly targets: readonly Target[];
  /** Infinite: until `finish`. */
  readonly batchCount: number;
  /** Between two handfuls of records, at most. */
  readonly pauseMsMax: number;
  readonly recordsPerBatchMax: number;
  readonly paddingBytesMax: number;
  readonly nextValue: () => number;
  /** How many keys records have; 0: all the same one. */
  readonly keys: number;
}

const PATIENCE_MS = 3_600_000;
const COMPRESSIONS: readonly string[] = ["none", "none", "gzip", "snappy", "lz4", "zstd"];
const LINGER_MS_MAX = 20;
/** Small, as segments are. */
const BATCH_BYTES: readonly number[] = [0, 200, 500];

/** A producer. */
export class EngineProducer {
  readonly #context: SimClientContext;
  readonly #options: EngineProducerOptions;
  readonly #producer: Producer;
  readonly #ends = new Map<string, number>();
  #batchCount: number;
  #created = 0;
  #sent = 0;
  #acked = 0;

  constructor(context: SimClientContext, options: EngineProducerOptions) {
    this.#context = context;
    this.#options = options;
    this.#batchCount = options.batchCount;
    const { random } = context.ports;
    const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)] as Item;
    const settings = {
      ...engineSettings(context),
      acks: "all",
      "enable.idempotence": true,
      "delivery.timeout.ms": PATIENCE_MS,
      "max.block.ms": PATIENCE_MS,
      "linger.ms": random.below(LINGER_MS_MAX),
      "batch.size": pick(BATCH_BYTES),
      "compression.type": pick(COMPRESSIONS),
    };
    this.#producer = new Producer(settings, engineEnvironment(context));
    this.#create();
  }

  /** Everything was sent and acknowledged. */
  get isDone(): boolean {
    return this.#created === this.#batchCount && this.#acked === this.#sent;
  }

  /** Nothing new is sent; what was goes on until it is acknowledged. */
  finish(): void {
    this.#batchCount = this.#created;
  }

  /** Behind the last acknowledged record, by key. */
  get ends(): ReadonlyMap<string, number> {
    return this.#ends;
  }

  /** For a run that does not end. */
  get status(): string {
    return `${this.#acked}/${this.#sent} acked, ${JSON.stringify(this.#producer.counts)}`;
  }

  close(): void {
    this.#producer.close({ timeoutMs: 0 }).catch((error: unknown) => this.#context.fail(error));
  }

  #create(): void {
    const { pauseMsMax, recordsPerBatchMax, targets } = this.#options;
    if (this.#created >= this.#batchCount) return;
    this.#created++;
    const { timers, random } = this.#context.ports;
    const target = targets[random.below(targets.length)] as Target;
    for (let count = 1 + random.below(recordsPerBatchMax); count > 0; count--) this.#send(target);
    timers.set(random.below(pauseMsMax + 1), () => this.#create());
  }

  #send(target: Target): void {
    const { process, record, nowMs, ports, fail } = this.#context;
    const value = this.#options.nextValue();
    const key = keyOf(target);
    this.#sent++;
    record({ f: "send", type: "invoke", process, key, values: [value], offset: null, timeMs: nowMs() });
    const told = (error: KafkaError | null, { offset }: RecordMetadata): void => {
      if (error !== null) {
        fail(new Error(`${process}: record ${value} for ${key} failed: ${error.name} ${error.message}`));
        return;
      }
      this.#acked++;
      this.#ends.set(key, Math.max(this.#ends.get(key) ?? 0, offset + 1));
      record({ f: "send", type: "ok", process, key, values: [value], offset, timeMs: nowMs() });
    };
    const { paddingBytesMax, keys } = this.#options;
    const parts = recordParts(value, ports.random.below(paddingBytesMax + 1), keys);
    const { topic, partition } = target;
    const timestamp = ports.clock.wallMs();
    // A failure is told to the callback, too.
    this.#producer.send({ topic, partition, timestamp, ...parts }, told).catch(() => {});
  }
}
