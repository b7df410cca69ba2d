// A consumer with a fixed assignment: fetches from its positions by long poll, with or without a fetch
// session (KIP-227), now and then goes back to an earlier offset, and asks for offsets by timestamp. It
// checks every batch it gets.
import {
  apiKeys,
  errorForCode,
  errors,
  type FetchResponse,
  makeFetchRequestFetchPartition,
  makeListOffsetsRequestListOffsetsPartition,
  type Uuid,
} from "@ottla/protocol";
import { ApiConnection } from "./api-connection.ts";
import { keyOf, type SimClientContext, type Target } from "./sim-client.ts";
import { readValueRecords } from "./value-records.ts";

/** How a consumer works. */
export interface SimConsumerOptions {
  readonly targets: readonly Target[];
  readonly usesSession: boolean;
  readonly fetchVersion: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  /** One in so many answers is followed by a step back; 0: none. */
  readonly seekOneIn: number;
  /** One in so many answers is followed by a look-up by timestamp; 0: none. */
  readonly lookupOneIn: number;
}

const FETCH_BY_ID_VERSION = 13;
const SESSION_VERSION = 7;
const SESSIONLESS_EPOCH = -1;
const EARLIEST_TIMESTAMP = -2n;
const RETRY_MS_MAX = 100;
const PAUSE_MS_MAX = 10;
const IDLE_MS_MAX = 60;

interface Place {
  readonly target: Target;
  /** Next offset to read; -1 until known. */
  position: number;
  /** What the session at the broker has; null: not in it. */
  sessionPosition: number | null;
  /** Timestamps of records read, to look for. */
  readonly timestampsMs: number[];
}

/** A consumer. */
export class SimConsumer {
  readonly #context: SimClientContext;
  readonly #options: SimConsumerOptions;
  readonly #connection: ApiConnection;
  readonly #places: Place[];
  #sessionId = 0;
  #sessionEpoch = 0;
  #isBusy = false;
  #isDueLater = false;
  #isClosed = false;
  #isHurrying = false;

  constructor(context: SimClientContext, options: SimConsumerOptions) {
    this.#context = context;
    this.#options = options;
    this.#places = options.targets.map((target) => ({
      target,
      position: -1,
      sessionPosition: null,
      timestampsMs: [],
    }));
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => {
        this.#forgetSession();
        this.#next();
      },
    });
  }

  /** The next offset it will read; -1 until known. */
  position(key: string): number {
    return this.#places.find(({ target }) => keyOf(target) === key)?.position ?? -1;
  }

  /** Reads to the end from here on, without looking back and without waiting for more than there is. */
  hurry(): void {
    this.#isHurrying = true;
  }

  /** For a run that does not end. */
  get status(): string {
    const places = this.#places.map(({ target, position }) => `${keyOf(target)}@${position}`);
    return `up ${this.#connection.isUp}, busy ${this.#isBusy}, ${places.join(" ")}`;
  }

  close(): void {
    this.#isClosed = true;
    this.#connection.close();
  }

  #next(): void {
    if (this.#isBusy || this.#isClosed || !this.#connection.isUp) return;
    this.#isBusy = true;
    if (this.#places.some(({ position }) => position < 0)) this.#findPositions();
    else this.#fetch();
  }

  #nextLater(delayMsMax: number): void {
    this.#isBusy = false;
    if (this.#isDueLater) return;
    this.#isDueLater = true;
    const { timers, random } = this.#context.ports;
    timers.set(random.below(delayMsMax + 1), () => {
      this.#isDueLater = false;
      this.#next();
    });
  }

  #findPositions(): void {
    const places = this.#places.filter(({ position }) => position < 0);
    this.#listOffsets(places, EARLIEST_TIMESTAMP, (offsets) => {
      offsets?.forEach((offset, index) => {
        if (offset !== null) this.#assign(places[index] as Place, offset);
      });
      this.#nextLater(RETRY_MS_MAX);
    });
  }

  #assign(place: Place, position: number): void {
    const { process, record, nowMs } = this.#context;
    place.position = position;
    record({ f: "assign", process, key: keyOf(place.target), position, timeMs: nowMs() });
  }

  /** `done` gets an offset for each place, null where it failed; null when the connection was lost. */
  #listOffsets(
    places: readonly Place[],
    timestamp: bigint,
    done: (offsets: (number | null)[] | null) => void,
  ): void {
    const version = this.#connection.version(apiKeys.ListOffsets, 9);
    const topics = places.map(({ target }) => ({
      name: target.topic,
      partitions: [
        makeListOffsetsRequestListOffsetsPartition({ partitionIndex: target.partition, timestamp }),
      ],
    }));
    const request = { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 5000 };
    this.#connection.call(apiKeys.ListOffsets, version, request, (response) => {
      if (response === null) {
        this.#isBusy = false;
        done(null);
        return;
      }
      done(
        places.map(({ target }) => {
          const answer = response.topics
            .filter(({ name }) => name === target.topic)
            .flatMap(({ partitions }) => partitions)
            .find(({ partitionIndex }) => partitionIndex === target.partition);
          if (answer === undefined) throw new Error(`ListOffsets says nothing of ${keyOf(target)}`);
          if (answer.errorCode === 0) return Number(answer.offset);
          this.#assertRetriable(answer.errorCode, `ListOffsets of ${keyOf(target)}`);
          return null;
        }),
      );
    });
  }

  #fetch(): void {
    const { fetchVersion, usesSession, maxWaitMs, minBytes, maxBytes } = this.#options;
    const version = this.#connection.version(apiKeys.Fetch, fetchVersion);
    const inSession = usesSession && version >= SESSION_VERSION;
    const isIncremental = inSession && this.#sessionId !== 0;
    const places = isIncremental
      ? this.#places.filter(({ position, sessionPosition }) => position !== sessionPosition)
      : this.#places;
    for (const place of places) place.sessionPosition = place.position;
    const request = {
      clusterId: null,
      replicaId: -1,
      replicaState: { replicaId: -1, replicaEpoch: -1n },
      maxWaitMs,
      minBytes: this.#isHurrying ? Math.min(minBytes, 1) : minBytes,
      maxBytes,
      isolationLevel: 0,
      sessionId: inSession ? this.#sessionId : 0,
      sessionEpoch: inSession ? this.#sessionEpoch : SESSIONLESS_EPOCH,
      topics: places.map((place) => this.#topicOf(place, version)),
      forgottenTopicsData: [],
      rackId: "",
    };
    this.#connection.call(apiKeys.Fetch, version, request, (response) => {
      if (response === null) {
        this.#isBusy = false;
        return;
      }
      this.#fetched(response, version, inSession);
    });
  }

  #topicOf({ target, position }: Place, version: number) {
    return {
      topic: version < FETCH_BY_ID_VERSION ? target.topic : "",
      topicId: target.topicId as Uuid,
      partitions: [
        makeFetchRequestFetchPartition({
          partition: target.partition,
          fetchOffset: BigInt(position),
          partitionMaxBytes: this.#options.partitionMaxBytes,
        }),
      ],
    };
  }

  #fetched(response: FetchResponse, version: number, inSession: boolean): void {
    const { errorCode, sessionId, responses } = response;
    if (errorCode !== 0) {
      const isSessionLost =
        errorCode === errors.FETCH_SESSION_ID_NOT_FOUND.code ||
        errorCode === errors.INVALID_FETCH_SESSION_EPOCH.code ||
        errorCode === errors.FETCH_SESSION_TOPIC_ID_ERROR.code;
      if (!isSessionLost) this.#assertRetriable(errorCode, "Fetch");
      this.#forgetSession();
      this.#nextLater(RETRY_MS_MAX);
      return;
    }
    if (inSession && this.#sessionId !== 0 && sessionId !== this.#sessionId) {
      throw new Error(`${this.#context.process}: session ${this.#sessionId} was answered as ${sessionId}`);
    }
    if (inSession) {
      this.#sessionId = sessionId;
      this.#sessionEpoch = sessionId === 0 ? 0 : this.#sessionEpoch + 1;
    }
    let hasFailed = false;
    let isIdle = true;
    for (const topic of responses) {
      for (const answer of topic.partitions) {
        const place = this.#places.find(
          ({ target }) =>
            target.partition === answer.partitionIndex &&
            (version < FETCH_BY_ID_VERSION ? topic.topic === target.topic : topic.topicId === target.topicId),
        );
        if (place === undefined)
          throw new Error(`Fetch answered for ${topic.topic}-${answer.partitionIndex}`);
        if (!this.#partitionFetched(place, answer)) hasFailed = true;
        if ((answer.records?.length ?? 0) > 0) isIdle = false;
      }
    }
    const { random } = this.#context.ports;
    const { seekOneIn, lookupOneIn } = this.#options;
    if (!this.#isHurrying && seekOneIn > 0 && random.below(seekOneIn) === 0) this.#stepBack();
    if (!this.#isHurrying && lookupOneIn > 0 && random.below(lookupOneIn) === 0) this.#lookUp();
    else if (hasFailed) this.#nextLater(RETRY_MS_MAX);
    else this.#nextLater(isIdle ? IDLE_MS_MAX : PAUSE_MS_MAX);
  }

  /** False when the partition answered with an error. */
  #partitionFetched(place: Place, answer: FetchResponse.PartitionData): boolean {
    const { process, ports, record, nowMs, mayLoseRecords, damageEnd } = this.#context;
    const key = keyOf(place.target);
    if (answer.errorCode === errors.OFFSET_OUT_OF_RANGE.code) {
      if (!mayLoseRecords()) {
        throw new Error(
          `${process}: ${key}@${place.position} is out of range, high watermark ${answer.highWatermark}`,
        );
      }
      place.position = -1;
      return false;
    }
    if (answer.errorCode === errors.CORRUPT_MESSAGE.code) {
      this.#passDamage(place);
      return false;
    }
    if (answer.errorCode !== 0) {
      this.#assertRetriable(answer.errorCode, `Fetch of ${key}`);
      return false;
    }
    if (answer.records === null || answer.records.length === 0) return true;
    const isDamaged = (offset: number): boolean => damageEnd(key, offset) >= 0;
    const records = readValueRecords(answer.records, place.position, ports.zip, isDamaged);
    const last = records.at(-1);
    if (last === undefined && isDamaged(place.position)) {
      this.#passDamage(place);
      return true;
    }
    if (last === undefined) {
      throw new Error(
        `${process}: ${key}@${place.position} gave ${answer.records.length} bytes without a record`,
      );
    }
    if (last.offset >= Number(answer.highWatermark)) {
      throw new Error(
        `${process}: ${key}@${last.offset} lies beyond the high watermark ${answer.highWatermark}`,
      );
    }
    record({ f: "poll", process, key, records, timeMs: nowMs() });
    place.position = last.offset + 1;
    for (const { timestampMs } of records) place.timestampsMs.push(timestampMs);
    return true;
  }

  /** The record at the position cannot be read: goes on behind it, as a user would. */
  #passDamage(place: Place): void {
    const { process, record, nowMs, damageEnd } = this.#context;
    const key = keyOf(place.target);
    const { position } = place;
    const end = damageEnd(key, position);
    if (end < 0) throw new Error(`${process}: ${key}@${position} is sound and was answered as damaged`);
    record({ f: "damage-told", process, key, position, timeMs: nowMs() });
    this.#assign(place, end);
  }

  #stepBack(): void {
    const { random } = this.#context.ports;
    const place = this.#places[random.below(this.#places.length)] as Place;
    if (place.position > 0) this.#assign(place, random.below(place.position));
  }

  #lookUp(): void {
    const { process, ports, record, nowMs } = this.#context;
    const place = this.#places[ports.random.below(this.#places.length)] as Place;
    const { timestampsMs, target } = place;
    if (timestampsMs.length === 0) {
      this.#nextLater(PAUSE_MS_MAX);
      return;
    }
    const timestampMs = timestampsMs[ports.random.below(timestampsMs.length)] as number;
    this.#listOffsets([place], BigInt(timestampMs), (offsets) => {
      const offset = offsets?.[0];
      if (offset !== undefined && offset !== null) {
        record({ f: "lookup", process, key: keyOf(target), timestampMs, offset, timeMs: nowMs() });
      }
      this.#nextLater(PAUSE_MS_MAX);
    });
  }

  #forgetSession(): void {
    this.#sessionId = 0;
    this.#sessionEpoch = 0;
    for (const place of this.#places) place.sessionPosition = null;
  }

  #assertRetriable(errorCode: number, what: string): void {
    const error = errorForCode(errorCode);
    if (!error.retriable) throw new Error(`${this.#context.process}: ${what} was answered ${error.name}`);
  }
}
