// Sends prebuilt Produce frames over any number of connections: as fast as the answers come, or at a rate.
import { type Latency, latencyOf } from "../../loads/latency.ts";
import { produceErrorCode, produceFrame } from "../produce-frame.ts";
import { RawConnection } from "../raw-connection.ts";

/** One run of it. */
export interface ProduceOrder {
  readonly port: number;
  readonly topic: string;
  /** Spread over the connections; with fewer than those, several connections share one. */
  readonly partitions: number;
  readonly connections: number;
  /** Of a connection; with a rate, not bounded. */
  readonly inFlight: number;
  readonly recordsPerBatch: number;
  readonly valueBytes: number;
  readonly acks: number;
  /** Ends after so long, */
  readonly seconds?: number;
  /** or after so many requests in all. */
  readonly requests?: number;
  /** Requests per second of all connections; a request counts from the moment it was due. */
  readonly rate?: number;
  /** Keys of each partition, which come round again and again; default: no keys. */
  readonly keys?: number;
}

/** What came of it; bytes are those of values. */
export interface ProduceResult {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly latency: Latency;
  /** Records by partition. */
  readonly records: readonly number[];
}

/** A connection and what it sends in turn. */
interface Sender {
  readonly connection: RawConnection;
  readonly frames: readonly { readonly partition: number; readonly frame: Buffer }[];
  turn: number;
  open: number;
}

/** Resolves when every answer is there. */
export async function produce(order: ProduceOrder): Promise<ProduceResult> {
  // One after the other: what does not fit into a listener's backlog of 50 is lost, and neither end is told.
  const senders: Sender[] = [];
  while (senders.length < order.connections) senders.push(await openSender(order, senders.length));
  const run = new ProduceRun(order, senders);
  try {
    return await run.result();
  } finally {
    for (const { connection } of senders) connection.close();
  }
}

async function openSender(order: ProduceOrder, index: number): Promise<Sender> {
  const { topic, partitions, connections, recordsPerBatch, valueBytes, acks, keys } = order;
  const own: number[] = [];
  for (let partition = index % partitions; partition < partitions; partition += connections) {
    own.push(partition);
  }
  const firstKeys: (number | undefined)[] = keys === undefined ? [undefined] : [];
  for (let key = 0; key < (keys ?? 0); key += recordsPerBatch) firstKeys.push(key);
  const frames = firstKeys.flatMap((firstKey) =>
    own.map((partition) => {
      const shape = { topic, partition, acks, records: recordsPerBatch, valueBytes };
      return { partition, frame: produceFrame(firstKey === undefined ? shape : { ...shape, firstKey }) };
    }),
  );
  return { connection: await RawConnection.open(order.port), frames, turn: 0, open: 0 };
}

/** The state of one run. */
class ProduceRun {
  readonly #order: ProduceOrder;
  readonly #senders: readonly Sender[];
  readonly #times: number[] = [];
  readonly #records: number[];
  readonly #startedMs = performance.now();
  #sent = 0;
  #done: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  constructor(order: ProduceOrder, senders: readonly Sender[]) {
    this.#order = order;
    this.#senders = senders;
    this.#records = new Array<number>(order.partitions).fill(0);
  }

  async result(): Promise<ProduceResult> {
    await new Promise<void>((done, failed) => {
      this.#done = done;
      this.#failed = failed;
      for (const { connection } of this.#senders) {
        connection.onClosed = () => failed(new Error("the broker closed a connection"));
      }
      if (this.#order.rate === undefined) {
        for (const sender of this.#senders) {
          for (let at = 0; at < this.#order.inFlight && !this.#isOver(); at++) this.#send(sender);
        }
        this.#endIfAnswered();
      } else this.#sendWhatIsDue(this.#order.rate);
    });
    const { recordsPerBatch, valueBytes } = this.#order;
    return {
      requests: this.#times.length,
      bytes: this.#times.length * recordsPerBatch * valueBytes,
      seconds: (performance.now() - this.#startedMs) / 1000,
      latency: latencyOf(this.#times),
      records: this.#records,
    };
  }

  #isOver(): boolean {
    const { seconds, requests } = this.#order;
    if (requests !== undefined && this.#sent >= requests) return true;
    return seconds !== undefined && performance.now() - this.#startedMs >= seconds * 1000;
  }

  #send(sender: Sender, dueMs: number = performance.now()): void {
    const { partition, frame } = sender.frames[sender.turn++ % sender.frames.length] as Sender["frames"][0];
    this.#sent++;
    sender.open++;
    sender.connection.sendFrame(frame, (answer) => {
      sender.open--;
      const code = produceErrorCode(answer, this.#order.topic.length);
      if (code !== 0) return this.#failed(new Error(`produce: error ${code}`));
      this.#times.push(performance.now() - dueMs);
      this.#records[partition] = (this.#records[partition] ?? 0) + this.#order.recordsPerBatch;
      if (this.#order.rate === undefined && !this.#isOver()) this.#send(sender);
      else this.#endIfAnswered();
    });
  }

  #endIfAnswered(): void {
    if (this.#isOver() && this.#senders.every(({ open }) => open === 0)) this.#done();
  }

  #sendWhatIsDue(rate: number): void {
    const due = Math.floor(((performance.now() - this.#startedMs) / 1000) * rate);
    while (this.#sent < due && !this.#isOver()) {
      const dueMs = this.#startedMs + ((this.#sent + 1) / rate) * 1000;
      this.#send(this.#senders[this.#sent % this.#senders.length] as Sender, dueMs);
    }
    if (this.#isOver()) this.#endIfAnswered();
    else setTimeout(() => this.#sendWhatIsDue(rate), 1);
  }
}
