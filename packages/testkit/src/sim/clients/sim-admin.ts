// A client that creates topics, through loss of connection and broker, and waits until they are to be seen. A
// topic whose creation was acknowledged must be there from then on, with the same id.
import {
  apiKeys,
  errorForCode,
  errors,
  makeCreateTopicsRequestCreatableTopic,
  makeMetadataRequestMetadataRequestTopic,
} from "@ottla/protocol";
import { ApiConnection } from "./api-connection.ts";
import type { SimClientContext, Target } from "./sim-client.ts";

/** A topic to create. */
export interface SimTopic {
  readonly name: string;
  readonly partitions: number;
  readonly configs: ReadonlyMap<string, string>;
}

const RETRY_MS_MAX = 100;
const CREATE_TIMEOUT_MS = 10_000;

interface Wish {
  readonly kind: "create" | "grow" | "find";
  readonly topic: SimTopic;
  readonly done: (targets: readonly Target[]) => void;
  /** A request was sent whose outcome is unknown. */
  isInDoubt: boolean;
  isCreated: boolean;
}

/** A client for topics. */
export class SimAdmin {
  readonly #context: SimClientContext;
  readonly #connection: ApiConnection;
  readonly #wishes: Wish[] = [];
  #isBusy = false;

  constructor(context: SimClientContext) {
    this.#context = context;
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => this.#next(),
    });
  }

  /** Every wish came true. */
  get isDone(): boolean {
    return this.#wishes.length === 0;
  }

  /** For a run that does not end. */
  get status(): string {
    const wishes = this.#wishes.map(({ topic }) => topic.name).join(" ");
    return `up ${this.#connection.isUp}, busy ${this.#isBusy}, waits for ${wishes}`;
  }

  close(): void {
    this.#connection.close();
  }

  /** Creates a topic and waits until each partition has a leader. */
  create(topic: SimTopic, done: (targets: readonly Target[]) => void): void {
    this.#wishes.push({ kind: "create", topic, done, isInDoubt: false, isCreated: false });
    this.#next();
  }

  /** Waits until a topic that was created is to be seen with all its leaders. */
  find(topic: SimTopic, done: (targets: readonly Target[]) => void): void {
    this.#wishes.push({ kind: "find", topic, done, isInDoubt: false, isCreated: true });
    this.#next();
  }

  /** Gives a topic more partitions and waits until each has a leader. */
  grow(topic: SimTopic, done: (targets: readonly Target[]) => void): void {
    this.#wishes.push({ kind: "grow", topic, done, isInDoubt: false, isCreated: false });
    this.#next();
  }

  #next(): void {
    const wish = this.#wishes[0];
    if (wish === undefined || this.#isBusy || !this.#connection.isUp) return;
    this.#isBusy = true;
    if (wish.isCreated) this.#look(wish);
    else if (wish.kind === "grow") this.#grow(wish);
    else this.#create(wish);
  }

  #nextLater(): void {
    const { timers, random } = this.#context.ports;
    timers.set(random.below(RETRY_MS_MAX + 1), () => {
      this.#isBusy = false;
      this.#next();
    });
  }

  #create(wish: Wish): void {
    const { topic } = wish;
    const version = this.#connection.version(apiKeys.CreateTopics, 7);
    const creatable = makeCreateTopicsRequestCreatableTopic({
      name: topic.name,
      numPartitions: topic.partitions,
      replicationFactor: 1,
      configs: [...topic.configs].map(([name, value]) => ({ name, value })),
    });
    const request = { topics: [creatable], timeoutMs: CREATE_TIMEOUT_MS, validateOnly: false };
    this.#connection.call(apiKeys.CreateTopics, version, request, (response) => {
      if (response === null) {
        wish.isInDoubt = true;
        this.#isBusy = false;
        return;
      }
      const [answer] = response.topics;
      if (answer === undefined) throw new Error("CreateTopics answered nothing");
      this.#created(wish, answer);
      this.#nextLater();
    });
  }

  #grow(wish: Wish): void {
    const { name, partitions: count } = wish.topic;
    const topics = [{ name, count, assignments: null }];
    const request = { topics, timeoutMs: CREATE_TIMEOUT_MS, validateOnly: false };
    this.#connection.call(apiKeys.CreatePartitions, 3, request, (response) => {
      if (response === null) {
        wish.isInDoubt = true;
        this.#isBusy = false;
        return;
      }
      const error = errorForCode(response.results[0]?.errorCode ?? errors.UNKNOWN_SERVER_ERROR.code);
      // Asked again, the topic has that many already.
      const isDone = error === errors.NONE || (wish.isInDoubt && error === errors.INVALID_PARTITIONS);
      const isEarly = error === errors.INVALID_REPLICATION_FACTOR;
      if (isDone) wish.isCreated = true;
      else if (!error.retriable && !isEarly) throw new Error(`CreatePartitions of ${name}: ${error.name}`);
      if (error === errors.REQUEST_TIMED_OUT) wish.isInDoubt = true;
      this.#nextLater();
    });
  }

  #created(wish: Wish, answer: { errorCode: number; errorMessage: string | null; topicId: string }): void {
    const { process, record, nowMs } = this.#context;
    const { name } = wish.topic;
    if (answer.errorCode === 0) {
      wish.isCreated = true;
      record({ f: "topic", type: "created", process, topic: name, topicId: answer.topicId, timeMs: nowMs() });
      return;
    }
    if (answer.errorCode === errors.TOPIC_ALREADY_EXISTS.code) {
      if (!wish.isInDoubt) throw new Error(`${name} exists before it was created`);
      wish.isCreated = true;
      return;
    }
    const error = errorForCode(answer.errorCode);
    // Right after its start the broker may not be unfenced yet: then there is nowhere to put a replica.
    const isEarly = error === errors.INVALID_REPLICATION_FACTOR;
    if (!error.retriable && !isEarly) {
      throw new Error(`CreateTopics of ${name} was answered ${error.name}: ${answer.errorMessage}`);
    }
    if (error === errors.REQUEST_TIMED_OUT) wish.isInDoubt = true;
  }

  #look(wish: Wish): void {
    const { process, record, nowMs } = this.#context;
    const { name, partitions } = wish.topic;
    const version = this.#connection.version(apiKeys.Metadata, 12);
    const request = {
      topics: [makeMetadataRequestMetadataRequestTopic({ name })],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    this.#connection.call(apiKeys.Metadata, version, request, (response) => {
      if (response === null) {
        this.#isBusy = false;
        return;
      }
      const [topic] = response.topics;
      const isWhole =
        topic?.errorCode === 0 &&
        topic.partitions.length === partitions &&
        topic.partitions.every(({ errorCode, leaderId }) => errorCode === 0 && leaderId >= 0);
      if (topic !== undefined && isWhole) {
        const { topicId } = topic;
        record({ f: "topic", type: "seen", process, topic: name, topicId, timeMs: nowMs() });
        this.#wishes.shift();
        wish.done(
          topic.partitions.map(({ partitionIndex }) => ({ topic: name, topicId, partition: partitionIndex })),
        );
      }
      // A broker may be a little behind the controller, so a topic that is not there is waited for.
      this.#nextLater();
    });
  }
}
