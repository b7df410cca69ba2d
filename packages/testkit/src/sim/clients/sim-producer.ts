// An idempotent producer as Apache Kafka's client behaves (KIP-98): up to five requests in flight on one
// connection, each batch with its sequence, sent again with the same one until it is acknowledged. After a
// failure a partition's batches go again in order. Anything that an idempotent producer must not meet ends
// the run.
import { apiKeys, errorForCode, errors, makeInitProducerIdRequest, type Uuid } from "@ottla/protocol";
import { ApiConnection } from "./api-connection.ts";
import { keyOf, type SimClientContext, type Target } from "./sim-client.ts";
import { buildValueBatch } from "./value-records.ts";

/** How a producer works. */
export interface SimProducerOptions {
  readonly targets: readonly Target[];
  /** Infinite: until `finish`. */
  readonly batchCount: number;
  /** Between two new batches, at most. */
  readonly pauseMsMax: number;
  readonly recordsPerBatchMax: number;
  readonly paddingBytesMax: number;
  /** Codec ids, drawn per batch. */
  readonly codecs: readonly number[];
  /** One in so many batches has a body beyond 64 KiB; 0: none. */
  readonly largeOneIn: number;
  /** At most this version of Produce. */
  readonly produceVersion: number;
  readonly nextValue: () => number;
  /** How many keys records have; 0: all the same one. */
  readonly keys: number;
}

const IN_FLIGHT_MAX = 5;
const BATCHES_PER_REQUEST_MAX = 2;
const LARGE_PADDING_BYTES = 24_000;
const LARGE_RECORDS = 3;
const RETRY_MS_MAX = 100;
const PRODUCE_TIMEOUT_MS = 10_000;
/** Above: topic ids take the place of names. */
const PRODUCE_BY_ID_VERSION = 13;

interface Batch {
  readonly values: readonly number[];
  readonly timestampMs: number;
  readonly paddingBytes: number;
  readonly compression: number;
  sequence: number;
}

/**
 * One partition's batches: not yet acknowledged, in order of sequence; the first `sent` of them are in
 * flight.
 */
interface Line {
  readonly target: Target;
  readonly batches: Batch[];
  inFlight: number;
  nextSequence: number;
  /** A batch has to go again: first everything in flight must be answered. */
  isRetrying: boolean;
}

/** A producer. */
export class SimProducer {
  readonly #context: SimClientContext;
  readonly #options: SimProducerOptions;
  readonly #connection: ApiConnection;
  readonly #lines: Line[];
  #producerId = -1;
  #producerEpoch = -1;
  #isAskingForId = false;
  #batchCount: number;
  #created = 0;
  #acked = 0;
  /** Counts connections and producer ids: an answer to an older one says nothing about the present. */
  #generation = 0;
  #isPumpDue = false;
  readonly #ends = new Map<string, number>();

  constructor(context: SimClientContext, options: SimProducerOptions) {
    this.#context = context;
    this.#options = options;
    this.#batchCount = options.batchCount;
    this.#lines = options.targets.map((target) => ({
      target,
      batches: [],
      inFlight: 0,
      nextSequence: 0,
      isRetrying: false,
    }));
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => this.#pump(),
    });
    this.#create();
  }

  /** Everything was sent and acknowledged. */
  get isDone(): boolean {
    return this.#acked === this.#batchCount;
  }

  /** Nothing new is sent; what was created goes on until it is acknowledged. */
  finish(): void {
    this.#batchCount = this.#created;
  }

  /** Behind the last acknowledged record, by key. */
  get ends(): ReadonlyMap<string, number> {
    return this.#ends;
  }

  /** For a run that does not end. */
  get status(): string {
    const waiting = this.#lines.map(
      (line) => `${keyOf(line.target)}:${line.inFlight}/${line.batches.length}`,
    );
    return `${this.#acked}/${this.#batchCount} acked, up ${this.#connection.isUp}, ${waiting.join(" ")}`;
  }

  close(): void {
    this.#connection.close();
  }

  #create(): void {
    const { ports, process, record, nowMs } = this.#context;
    const { pauseMsMax, recordsPerBatchMax, paddingBytesMax, codecs, largeOneIn, nextValue } = this.#options;
    if (this.#created >= this.#batchCount) return;
    this.#created++;
    const { random } = ports;
    const line = this.#lines[random.below(this.#lines.length)] as Line;
    const isLarge = largeOneIn > 0 && random.below(largeOneIn) === 0;
    const count = isLarge ? LARGE_RECORDS : 1 + random.below(recordsPerBatchMax);
    const batch: Batch = {
      values: Array.from({ length: count }, nextValue),
      timestampMs: ports.clock.wallMs(),
      paddingBytes: isLarge ? LARGE_PADDING_BYTES : random.below(paddingBytesMax + 1),
      compression: codecs[random.below(codecs.length)] as number,
      sequence: line.nextSequence,
    };
    line.nextSequence += count;
    line.batches.push(batch);
    const key = keyOf(line.target);
    record({ f: "send", type: "invoke", process, key, values: batch.values, offset: null, timeMs: nowMs() });
    this.#pump();
    ports.timers.set(random.below(pauseMsMax + 1), () => this.#create());
  }

  #pump(): void {
    if (!this.#connection.isUp) return;
    if (this.#producerId < 0) {
      this.#askForId();
      return;
    }
    while (this.#connection.inFlightCount < IN_FLIGHT_MAX) {
      const lines = this.#linesToSend();
      if (lines.length === 0) return;
      this.#send(lines);
    }
  }

  #linesToSend(): Line[] {
    const ready = this.#lines.filter((line) => line.inFlight < line.batches.length && !line.isRetrying);
    const { random } = this.#context.ports;
    while (ready.length > BATCHES_PER_REQUEST_MAX) ready.splice(random.below(ready.length), 1);
    return ready;
  }

  #askForId(): void {
    if (this.#isAskingForId) return;
    this.#isAskingForId = true;
    const version = this.#connection.version(apiKeys.InitProducerId, 5);
    const request = makeInitProducerIdRequest({ transactionalId: null, transactionTimeoutMs: 60_000 });
    this.#connection.call(apiKeys.InitProducerId, version, request, (response) => {
      this.#isAskingForId = false;
      if (response === null) return;
      if (response.errorCode === 0) {
        this.#producerId = Number(response.producerId);
        this.#producerEpoch = response.producerEpoch;
        this.#pump();
        return;
      }
      this.#assertRetriable(response.errorCode, "InitProducerId");
      this.#pumpLater();
    });
  }

  #send(lines: readonly Line[]): void {
    const version = this.#connection.version(apiKeys.Produce, this.#options.produceVersion);
    const generation = this.#generation;
    const sent = lines.map((line) => ({ line, batch: line.batches[line.inFlight] as Batch }));
    for (const { line } of sent) line.inFlight++;
    const request = {
      transactionalId: null,
      acks: -1,
      timeoutMs: PRODUCE_TIMEOUT_MS,
      topicData: sent.map(({ line: { target }, batch }) => ({
        name: version < PRODUCE_BY_ID_VERSION ? target.topic : "",
        topicId: target.topicId as Uuid,
        partitionData: [{ index: target.partition, records: this.#encode(batch) }],
      })),
    };
    this.#connection.call(apiKeys.Produce, version, request, (response) => {
      if (generation !== this.#generation) return;
      if (response === null) {
        this.#connectionLost();
        return;
      }
      const answers = response.responses.flatMap((topic) =>
        topic.partitionResponses.map((answer) => ({ name: topic.name, topicId: topic.topicId, answer })),
      );
      if (answers.length !== sent.length)
        throw new Error(`${answers.length} answers to ${sent.length} batches`);
      for (const { line, batch } of sent) {
        const found = answers.find(({ name, topicId, answer }) => {
          const isTopic =
            version < PRODUCE_BY_ID_VERSION ? name === line.target.topic : topicId === line.target.topicId;
          return isTopic && answer.index === line.target.partition;
        });
        if (found === undefined) throw new Error(`no answer for ${keyOf(line.target)}`);
        this.#answered(line, batch, found.answer);
        if (generation !== this.#generation) return;
      }
      this.#pump();
    });
  }

  #encode(batch: Batch): Uint8Array {
    const { values, timestampMs, paddingBytes, compression, sequence } = batch;
    const producerId = this.#producerId;
    const producerEpoch = this.#producerEpoch;
    const { keys } = this.#options;
    const producer = { producerId, producerEpoch, baseSequence: sequence };
    return buildValueBatch(
      { values, timestampMs, paddingBytes, compression, keys, ...producer },
      this.#context.ports.zip,
    );
  }

  #answered(line: Line, batch: Batch, answer: { errorCode: number; baseOffset: bigint }): void {
    line.inFlight--;
    const at = line.batches.indexOf(batch);
    if (answer.errorCode === errors.NONE.code) {
      line.batches.splice(at, 1);
      this.#acked++;
      const { process, record, nowMs } = this.#context;
      const offset = Number(answer.baseOffset);
      if (offset < 0) throw new Error(`${keyOf(line.target)}: an ack with offset ${offset}`);
      const key = keyOf(line.target);
      this.#ends.set(key, Math.max(this.#ends.get(key) ?? 0, offset + batch.values.length));
      record({ f: "send", type: "ok", process, key, values: batch.values, offset, timeMs: nowMs() });
    } else if (isSequenceError(answer.errorCode)) {
      // Behind a batch that failed, the next ones fail for the gap.
      if (at > 0) line.isRetrying = true;
      else this.#sequenceLost(line, batch, answer.errorCode);
    } else {
      this.#assertRetriable(answer.errorCode, `Produce to ${keyOf(line.target)}`);
      line.isRetrying = true;
    }
    if (line.isRetrying && line.inFlight === 0) {
      line.isRetrying = false;
      this.#pumpLater();
    }
  }

  #sequenceLost(line: Line, batch: Batch, errorCode: number): void {
    const { process, mayLoseRecords } = this.#context;
    if (!mayLoseRecords()) {
      const name = errorForCode(errorCode).name;
      throw new Error(`${process}: ${keyOf(line.target)} refused sequence ${batch.sequence} with ${name}`);
    }
    // The log lost what was acknowledged: begin anew with another id.
    this.#generation++;
    this.#producerId = -1;
    for (const each of this.#lines) {
      each.inFlight = 0;
      each.isRetrying = false;
      each.nextSequence = 0;
      for (const waiting of each.batches) {
        waiting.sequence = each.nextSequence;
        each.nextSequence += waiting.values.length;
      }
    }
    this.#pumpLater();
  }

  #connectionLost(): void {
    this.#generation++;
    for (const line of this.#lines) {
      line.inFlight = 0;
      line.isRetrying = false;
    }
  }

  #pumpLater(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    const { timers, random } = this.#context.ports;
    timers.set(1 + random.below(RETRY_MS_MAX), () => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #assertRetriable(errorCode: number, what: string): void {
    const error = errorForCode(errorCode);
    if (!error.retriable) throw new Error(`${this.#context.process}: ${what} was answered ${error.name}`);
  }
}

function isSequenceError(code: number): boolean {
  return code === errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code || code === errors.UNKNOWN_PRODUCER_ID.code;
}
