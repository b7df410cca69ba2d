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
  /** How many keys records have; 0: all the same one. */
  readonly keys: number;
  /** The topic is compacted: offsets have holes. */
  readonly hasHoles: boolean;
  /** The topic's oldest records are deleted. */
  readonly movesStart: boolean;
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
  /** Where the log starts, as far as known. */
  logStart: number;
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
      logStart: 0,
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
    const askedMs = this.#context.nowMs();
    this.#listOffsets(places, EARLIEST_TIMESTAMP, (offsets) => {
      offsets?.forEach((offset, index) => {
        if (offset === null) return;
        const place = places[index] as Place;
        this.#noteStart(place, offset, askedMs);
        this.#assign(place, offset);
      });
      this.#nextLater(RETRY_MS_MAX);
    });
  }

  #assign(place: Place, position: number): void {
    const { process, record, nowMs } = this.#context;
    place.position = position;
    record({ f: "assign", process, key: keyOf(place.target), position, timeMs: nowMs() });
  }

  #noteStart(place: Place, offset: number, askedMs: number): void {
    if (offset < 0 || offset === place.logStart) return;
    const { process, record, nowMs } = this.#context;
    place.logStart = offset;
    record({ f: "log-start", process, key: keyOf(place.target), offset, askedMs, timeMs: nowMs() });
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
    const askedMs = this.#context.nowMs();
    this.#connection.call(apiKeys.Fetch, version, request, (response) => {
      if (response === null) {
        this.#isBusy = false;
        return;
      }
      this.#fetched(response, version, inSession, askedMs);
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

  #fetched(response: FetchResponse, version: number, inSession: boolean, askedMs: number): void {
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
        if (!this.#partitionFetched(place, answer, askedMs)) hasFailed = true;
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
  #partitionFetched(place: Place, answer: FetchResponse.PartitionData, askedMs: number): boolean {
    const key = keyOf(place.target);
    if (answer.errorCode === errors.OFFSET_OUT_OF_RANGE.code) {
      this.#outOfRange(place, answer);
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
    this.#noteStart(place, Number(answer.logStartOffset), askedMs);
    if (answer.records === null || answer.records.length === 0) return true;
    this.#read(place, answer.records, Number(answer.highWatermark), askedMs);
    return true;
  }

  #outOfRange(place: Place, { logStartOffset, highWatermark }: FetchResponse.PartitionData): void {
    const { process, mayLoseRecords } = this.#context;
    const { position, target } = place;
    const isBelowStart = position < Number(logStartOffset) || logStartOffset < 0n;
    if (!mayLoseRecords() && !(this.#options.movesStart && isBelowStart)) {
      throw new Error(
        `${process}: ${keyOf(target)}@${position} is out of range, ` +
          `log start ${logStartOffset}, high watermark ${highWatermark}`,
      );
    }
    place.position = -1;
  }

  #read(place: Place, bytes: Uint8Array, highWatermark: number, askedMs: number): void {
    const { process, ports, record, nowMs, damageEnd, mayLoseRecords } = this.#context;
    const { keys, hasHoles } = this.#options;
    const key = keyOf(place.target);
    const { position: from } = place;
    const isDamaged = (offset: number): boolean => mayLoseRecords() || damageEnd(key, offset) >= 0;
    const { records, next } = readValueRecords(bytes, from, ports.zip, keys, isDamaged);
    if (next === from && this.#isBeforeDamage(place)) {
      this.#passDamage(place);
      return;
    }
    const where = `${process}: ${key}@${from}`;
    if (next === from || (records.length === 0 && !hasHoles))
      throw new Error(`${where} gave ${bytes.length} bytes without a record`);
    if (next > highWatermark)
      throw new Error(`${where}: a batch before ${next} lies beyond the high watermark ${highWatermark}`);
    record({ f: "poll", process, key, from, next, askedMs, records, timeMs: nowMs() });
    place.position = next;
    for (const { timestampMs } of records) place.timestampsMs.push(timestampMs);
  }

  #isBeforeDamage({ target, position }: Place): boolean {
    const { damageEnd, damageBehind, mayLoseRecords } = this.#context;
    const key = keyOf(target);
    if (mayLoseRecords()) return true;
    return damageEnd(key, position) >= 0 || (this.#options.hasHoles && damageBehind(key, position) >= 0);
  }

  /** The record at the position cannot be read: goes on behind it, as a user would. */
  #passDamage(place: Place): void {
    const { process, record, nowMs, damageEnd, damageBehind } = this.#context;
    const key = keyOf(place.target);
    const { position } = place;
    if (!this.#isBeforeDamage(place))
      throw new Error(`${process}: ${key}@${position} is sound and was answered as damaged`);
    const behind = this.#options.hasHoles ? damageBehind(key, position) : -1;
    // A disk that lied says nothing of how much it lost.
    const end = Math.max(damageEnd(key, position), behind, position + 1);
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
