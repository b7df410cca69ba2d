// The reading side of a member: how many partitions its topics have, and the records behind its positions.
// What it has read counts as worked on at once; then it is committed, in step with reading (`sync`) or behind
// it (`async`).
import {
  apiKeys,
  errorForCode,
  type FetchResponse,
  makeFetchRequestFetchPartition,
  makeMetadataRequestMetadataRequestTopic,
  ZERO_UUID,
} from "@ottla/protocol";
import { ApiConnection } from "../api-connection.ts";
import { readValueRecords } from "../value-records.ts";
import type { GroupClientContext } from "./group-client.ts";
import type { GroupMemberOptions } from "./group-member.ts";
import { groupedByTopic } from "./member-offsets.ts";
import type { MemberPosition } from "./member-position.ts";

/** The member that reads. */
export interface ReaderOwner {
  readonly positions: ReadonlyMap<string, MemberPosition>;
  readonly isBusy: () => boolean;
  readonly commit: (done: () => void) => void;
  readonly topicsGrew: () => void;
}

const FETCH_VERSION = 12;
const FETCH_WAIT_MS = 400;
const FETCH_BYTES = 1_000_000;
const PARTITION_BYTES = 4000;
const METADATA_MS = 700;

/** Reads for one member. */
export class MemberReader {
  readonly #context: GroupClientContext;
  readonly #options: GroupMemberOptions;
  readonly #owner: ReaderOwner;
  readonly #connection: ApiConnection;
  /** Partitions by topic, as last heard. */
  readonly counts: Map<string, number> = new Map();
  #isFetching = false;
  #isLooking = false;
  #isClosed = false;

  constructor(context: GroupClientContext, options: GroupMemberOptions, owner: ReaderOwner) {
    this.#context = context;
    this.#options = options;
    this.#owner = owner;
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => {
        this.#look();
        this.readOn();
      },
    });
    this.#lookLater();
  }

  get partitionsKnown(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#connection.close();
  }

  /** Reads on where the position is known. */
  readOn(): void {
    if (this.#isFetching || this.#isClosed || this.#owner.isBusy() || !this.#connection.isUp) return;
    const known = [...this.#owner.positions.values()].filter(({ next }) => next >= 0);
    if (known.length === 0) return;
    this.#isFetching = true;
    const asked = new Map(known.map((position) => [position.key, { position, next: position.next }]));
    const request = {
      clusterId: null,
      replicaId: -1,
      replicaState: { replicaId: -1, replicaEpoch: -1n },
      maxWaitMs: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: Array.from(groupedByTopic(known), ([topic, of]) => ({
        topic,
        topicId: ZERO_UUID,
        partitions: of.map(({ place, next }) =>
          makeFetchRequestFetchPartition({
            partition: place.partition,
            fetchOffset: BigInt(next),
            partitionMaxBytes: PARTITION_BYTES,
          }),
        ),
      })),
      forgottenTopicsData: [],
      rackId: "",
    };
    this.#connection.call(apiKeys.Fetch, FETCH_VERSION, request, (response) => {
      this.#isFetching = false;
      if (response === null) return;
      if (!this.#owner.isBusy()) {
        for (const { topic, partitions } of response.responses) {
          for (const answer of partitions) this.#read(asked.get(`${topic}-${answer.partitionIndex}`), answer);
        }
      }
      this.#commitAndReadOn();
    });
  }

  #commitAndReadOn(): void {
    const { ports } = this.#context;
    const readLater = (): void => {
      ports.timers.set(1 + ports.random.below(this.#options.readPauseMsMax), () => this.readOn());
    };
    if (this.#options.commitMode === "sync") {
      this.#owner.commit(readLater);
      return;
    }
    this.#owner.commit(() => {});
    readLater();
  }

  #read(
    asked: { readonly position: MemberPosition; readonly next: number } | undefined,
    answer: FetchResponse.PartitionData,
  ): void {
    if (asked === undefined) throw new Error(`Fetch answered for partition ${answer.partitionIndex} unasked`);
    const { position, next } = asked;
    const { process, ports, recordGroup, nowMs } = this.#context;
    const error = errorForCode(answer.errorCode);
    if (answer.errorCode !== 0 && !error.retriable) {
      throw new Error(`${process}: Fetch of ${position.key}@${next} was answered ${error.name}`);
    }
    if (answer.records === null || answer.records.length === 0) return;
    // It may have been given up meanwhile.
    if (this.#owner.positions.get(position.key) !== position || position.next !== next) return;
    const { records } = readValueRecords(answer.records, next, ports.zip, 0);
    const last = records.at(-1);
    if (last === undefined || records[0]?.offset !== next) {
      throw new Error(`${process}: ${position.key}@${next} was answered with ${records[0]?.offset}`);
    }
    position.next = last.offset + 1;
    const values = records.map(({ value }) => value);
    const { group } = this.#options;
    recordGroup({ f: "consume", process, group, key: position.key, values, timeMs: nowMs() });
  }

  #lookLater(): void {
    this.#context.ports.timers.set(METADATA_MS, () => {
      if (this.#isClosed) return;
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    if (this.#isLooking || !this.#connection.isUp) return;
    this.#isLooking = true;
    const request = {
      topics: this.#options.topics.map((name) => makeMetadataRequestMetadataRequestTopic({ name })),
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    this.#connection.call(apiKeys.Metadata, 12, request, (response) => {
      this.#isLooking = false;
      if (response === null) return;
      const before = this.partitionsKnown;
      for (const { name, errorCode, partitions } of response.topics) {
        if (errorCode !== 0 || name === null) continue;
        this.counts.set(name, Math.max(this.counts.get(name) ?? 0, partitions.length));
      }
      if (this.partitionsKnown > before) this.#owner.topicsGrew();
    });
  }
}
