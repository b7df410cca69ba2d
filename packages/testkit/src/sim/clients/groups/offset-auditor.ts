// Reads the committed offsets of all groups again and again, right after a connect above all, when a
// coordinator may still be loading: what it is told is what a consumer would have begun with.
import {
  apiKeys,
  errors,
  makeOffsetFetchRequest,
  makeOffsetFetchRequestOffsetFetchRequestGroup,
} from "@ottla/protocol";
import { ApiConnection } from "../api-connection.ts";
import { expectedError, type GroupClientContext } from "./group-client.ts";
import { foundOffsets } from "./member-offsets.ts";

const OFFSET_FETCH_VERSION = 9;
const PAUSE_MS_MAX = 150;
const EAGER_PAUSE_MS_MAX = 6;
/** Reads in close succession after a connect. */
const EAGER_READS = 20;

/** An auditor. */
export class OffsetAuditor {
  readonly #context: GroupClientContext;
  readonly #groups: readonly string[];
  readonly #connection: ApiConnection;
  #eagerReads = EAGER_READS;
  #isBusy = false;
  #isClosed = false;
  #rounds = 0;

  constructor(context: GroupClientContext, groups: readonly string[]) {
    this.#context = context;
    this.#groups = groups;
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => {
        this.#eagerReads = EAGER_READS;
        this.#read();
      },
    });
  }

  /** How often every group has been read with success. */
  get rounds(): number {
    return this.#rounds;
  }

  get status(): string {
    return `auditor up ${this.#connection.isUp}, ${this.#rounds} rounds`;
  }

  close(): void {
    this.#isClosed = true;
    this.#connection.close();
  }

  #readLater(): void {
    const { timers, random } = this.#context.ports;
    const pauseMsMax = this.#eagerReads > 0 ? EAGER_PAUSE_MS_MAX : PAUSE_MS_MAX;
    this.#eagerReads = Math.max(this.#eagerReads - 1, 0);
    timers.set(random.below(pauseMsMax), () => this.#read());
  }

  #read(): void {
    if (this.#isBusy || this.#isClosed || !this.#connection.isUp) return;
    this.#isBusy = true;
    const { process, stamp, recordGroup, nowMs, ports } = this.#context;
    const invokedAt = stamp();
    const groups = this.#groups.map((groupId) =>
      makeOffsetFetchRequestOffsetFetchRequestGroup({ groupId, topics: null }),
    );
    const request = makeOffsetFetchRequest({ groups, requireStable: ports.random.below(3) === 0 });
    this.#connection.call(apiKeys.OffsetFetch, OFFSET_FETCH_VERSION, request, (response) => {
      this.#isBusy = false;
      if (response === null) return;
      let isWhole = response.groups.length === groups.length;
      for (const answer of response.groups) {
        if (expectedError(answer.errorCode, "OffsetFetch", []) !== errors.NONE) {
          isWhole = false;
          continue;
        }
        const found = foundOffsets(answer);
        const { groupId: group } = answer;
        recordGroup({ f: "offsets", process, group, asked: null, found, invokedAt, timeMs: nowMs() });
      }
      if (isWhole) this.#rounds++;
      this.#readLater();
    });
  }
}
