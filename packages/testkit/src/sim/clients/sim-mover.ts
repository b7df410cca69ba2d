// A client that moves replicas to and fro between the broker's log directories (AlterReplicaLogDirs,
// KIP-113), through loss of connection and broker. Nobody waits for a move: it is cut short by the next one,
// or by a crash. Where a replica lies is nothing that readers may notice.
import { apiKeys, errorForCode, errors } from "@ottla/protocol";
import { ApiConnection } from "./api-connection.ts";
import { keyOf, type SimClientContext, type Target } from "./sim-client.ts";

/** How it works. */
export interface SimMoverOptions {
  readonly targets: readonly Target[];
  /** Absolute paths of log directories. */
  readonly directories: readonly string[];
  /** How many moves. */
  readonly count: number;
  /** Between two of them, at most. */
  readonly pauseMsMax: number;
}

const VERSION = 2;
/** The replica is not there (yet), which Apache Kafka answers too. */
const ABSENT = [errors.REPLICA_NOT_AVAILABLE, errors.UNKNOWN_TOPIC_OR_PARTITION];

/** A client that moves replicas. */
export class SimMover {
  readonly #context: SimClientContext;
  readonly #options: SimMoverOptions;
  readonly #connection: ApiConnection;
  #left: number;
  #accepted = 0;
  #isBusy = false;
  #isDue = false;

  constructor(context: SimClientContext, options: SimMoverOptions) {
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

  /** Every move was asked for. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Moves that the broker took on. */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Asks for no more. */
  finish(): void {
    this.#left = 0;
  }

  close(): void {
    this.#left = 0;
    this.#connection.close();
  }

  #planNext(): void {
    if (this.#left === 0) return;
    const { timers, random } = this.#context.ports;
    timers.set(random.below(this.#options.pauseMsMax + 1), () => {
      this.#isDue = true;
      this.#next();
    });
  }

  #next(): void {
    if (!this.#isDue || this.#left === 0 || this.#isBusy || !this.#connection.isUp) return;
    this.#isBusy = true;
    this.#isDue = false;
    this.#left--;
    const { targets, directories } = this.#options;
    const { process, ports, report } = this.#context;
    const target = targets[ports.random.below(targets.length)] as Target;
    const path = directories[ports.random.below(directories.length)] as string;
    const topics = [{ name: target.topic, partitions: [target.partition] }];
    const request = { dirs: [{ path, topics }] };
    const version = this.#connection.version(apiKeys.AlterReplicaLogDirs, VERSION);
    this.#connection.call(apiKeys.AlterReplicaLogDirs, version, request, (response) => {
      this.#isBusy = false;
      if (response !== null) {
        const answer = response.results[0]?.partitions[0];
        if (answer === undefined) throw new Error(`${process}: no answer for ${keyOf(target)}`);
        const error = errorForCode(answer.errorCode);
        report(`${keyOf(target)} to ${path}: ${error.name}`);
        if (error === errors.NONE) this.#accepted++;
        else if (!error.retriable && !ABSENT.includes(error))
          throw new Error(`${process}: the move of ${keyOf(target)} to ${path} was answered ${error.name}`);
      }
      this.#planNext();
    });
  }
}
