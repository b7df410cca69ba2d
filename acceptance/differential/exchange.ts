// One scenario at one version against one peer: sends, remembers what is to be compared, and knows the peer's
// own names for things. Topic names are the same on both peers and unique per scenario and version. Not here:
// the scenarios, the comparison.
import {
  type ApiKey,
  type apiCodecs,
  apiKeys,
  type CreateTopicsResponse,
  type ListOffsetsResponse,
  type MetadataResponse,
  type ProduceResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { type Outcome, PeerConnection } from "./connection.ts";
import { codecOf, decodeAnswer, framed, requestBytes } from "./frame.ts";
import { answerWaitMs, readyWaitMs, silenceMs, silenceProbes } from "./limits.ts";
import type { Peer } from "./peers.ts";
import type { ListenerName } from "./scenario.ts";

export type RequestOf<Key extends ApiKey> = ReturnType<(typeof apiCodecs)[Key]["makeRequest"]>;
export type ResponseOf<Key extends ApiKey> = ReturnType<(typeof apiCodecs)[Key]["makeResponse"]>;

/** What a peer did with one compared request; `value` is the decoded answer. */
export interface Observation {
  readonly label: string;
  readonly kind: Outcome["kind"] | "undecodable";
  readonly value: unknown;
}

/** In the order of asking: an answer may come after that to a later request of another party. */
interface PendingObservation {
  label: string;
  kind: Observation["kind"];
  value: unknown;
}

export interface CreatedTopic {
  readonly name: string;
  readonly id: Uuid;
}

/**
 * `nowMs` is the same for both peers: half a day before the run, so that it cannot be taken for a clock
 * reading, and producers that wrote at that time are not forgotten yet.
 */
export interface ExchangeOptions {
  readonly peer: Peer;
  readonly api: ApiKey;
  readonly version: number;
  readonly listener: ListenerName;
  readonly topicPrefix: string;
  readonly nowMs: number;
}

/** Nothing more must come before a peer can act on it. */
function isWholeFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
  return bytes.length >= 4 + length;
}

export class Exchange<Key extends ApiKey> {
  readonly peer: Peer;
  readonly api: Key;
  readonly version: number;
  readonly nowMs: number;
  readonly observations: PendingObservation[];
  readonly #options: ExchangeOptions;
  readonly #parties: Exchange<Key>[] = [];
  readonly #listener: ListenerName;
  readonly #topicPrefix: string;
  readonly #connections = new Map<ListenerName, PeerConnection>();
  #correlationId = 1;
  #answerWaitMs = answerWaitMs;
  #settled = 0;

  constructor(options: ExchangeOptions, observations: PendingObservation[] = []) {
    this.#options = options;
    this.observations = observations;
    this.peer = options.peer;
    this.api = options.api as Key;
    this.version = options.version;
    this.nowMs = options.nowMs;
    this.#listener = options.listener;
    this.#topicPrefix = options.topicPrefix;
  }

  /**
   * The same scenario on connections of its own, for a request that waits for what others do. What it asks is
   * compared with the rest.
   */
  party(): Exchange<Key> {
    const party = new Exchange<Key>(this.#options, this.observations);
    this.#parties.push(party);
    return party;
  }

  /** A topic name of this scenario and version. */
  name(label = "t"): string {
    return `${this.#topicPrefix}-${label}`;
  }

  /** Whether a name is one of this scenario and version. */
  isOwn(name: string): boolean {
    return name.startsWith(this.name(""));
  }

  /**
   * Sends a request of the scenario's API and version; the answer is compared, or of it what `seen` leaves.
   * Null: no decodable answer.
   */
  async ask(
    fields: Partial<RequestOf<Key>>,
    label = "",
    seen: (answer: ResponseOf<Key>) => object = (answer) => answer,
  ): Promise<ResponseOf<Key> | null> {
    const observation = await this.#exchange(this.api, this.version, this.#listener, fields, label);
    if (observation.kind !== "answered") return null;
    const answer = observation.value as ResponseOf<Key>;
    observation.value = seen(answer);
    return answer;
  }

  /** As `ask`, for another API or version on the scenario's listener: consequences are compared too. */
  async look<Other extends ApiKey>(
    api: Other,
    version: number,
    fields: Partial<RequestOf<Other>>,
    label = "",
  ): Promise<ResponseOf<Other> | null> {
    const { kind, value } = await this.#exchange(api, version, "broker", fields, label);
    return kind === "answered" ? (value as ResponseOf<Other>) : null;
  }

  /** Sends a request that gets no answer by its nature (acks=0). */
  async tell(fields: Partial<RequestOf<Key>>): Promise<void> {
    const connection = await this.#connection(this.#listener);
    connection.tell(framed(this.bytes(fields)));
  }

  /**
   * Sends bytes as they are, on a connection of their own; what the peer does is compared, of an answer the
   * first bytes.
   */
  async raw(bytes: Uint8Array, label: string, comparedBytes?: number): Promise<void> {
    const connection = await PeerConnection.open(
      this.peer.host,
      this.#listener === "broker" ? this.peer.port : this.peer.controllerPort,
    );
    let outcome = await connection.send(bytes, isWholeFrame(bytes) ? answerWaitMs : silenceMs);
    // A peer that has no processor time is not silent: it gets the time in which it answers others.
    for (let times = 0; outcome.kind === "silent" && times < silenceProbes; times++) {
      await this.#askOnNewConnection();
      outcome = await connection.receive(0);
    }
    connection.close();
    const value = outcome.kind === "answered" ? outcome.frame.toString("hex", 0, comparedBytes) : null;
    this.observations.push({ label, kind: outcome.kind, value });
  }

  /** The scenario's request as bytes, without length prefix. */
  bytes(fields: Partial<RequestOf<Key>>, correlationId = 1): Buffer {
    const request = codecOf(this.api).makeRequest(fields as Partial<unknown>);
    return requestBytes(this.api, this.version, request, correlationId);
  }

  /** Sends a request that prepares the scenario; not compared, throws without an answer. */
  async call<Other extends ApiKey>(
    api: Other,
    version: number,
    fields: Partial<RequestOf<Other>>,
    listener: ListenerName = "broker",
  ): Promise<ResponseOf<Other>> {
    const { outcome } = await this.#send(api, version, listener, fields);
    if (outcome.kind !== "answered") throw new Error(`preparation: API ${api} v${version} ${outcome.kind}`);
    return decodeAnswer(api, version, outcome.frame) as unknown as ResponseOf<Other>;
  }

  /** Creates a topic and waits until every partition takes requests. */
  async create(
    label = "t",
    options: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
  ): Promise<CreatedTopic> {
    const name = this.name(label);
    const configs = Object.entries(options.configs ?? {}).map(([key, value]) => ({ name: key, value }));
    const response: CreateTopicsResponse = await this.call(apiKeys.CreateTopics, 7, {
      topics: [
        { name, numPartitions: options.partitions ?? 1, replicationFactor: 1, assignments: [], configs },
      ],
      timeoutMs: 30_000,
    });
    const topic = response.topics[0];
    if (topic === undefined || topic.errorCode !== 0) {
      throw new Error(`preparation: create ${name}: ${topic?.errorCode} ${topic?.errorMessage}`);
    }
    this.peer.symbols.learnTopic(name, topic.topicId);
    await this.untilReady(name, options.partitions ?? 1);
    return { name, id: topic.topicId };
  }

  /**
   * Waits until the broker acts on all that the controller has answered so far: it learns of changes in their
   * order, so a topic made now is ready after them.
   */
  async settle(): Promise<void> {
    this.#settled += 1;
    await this.create(`settled-${this.#settled}`);
  }

  /** Waits until `partitions` partitions of a topic answer ListOffsets without an error. */
  async untilReady(name: string, partitions: number): Promise<void> {
    const deadline = Date.now() + readyWaitMs;
    const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: -1,
      timestamp: -1n,
    }));
    for (;;) {
      const metadata: MetadataResponse = await this.call(apiKeys.Metadata, 10, {
        topics: [{ name, topicId: ZERO_UUID }],
        allowAutoTopicCreation: false,
      });
      if (metadata.topics[0]?.partitions.length === partitions) {
        const offsets: ListOffsetsResponse = await this.call(apiKeys.ListOffsets, 5, {
          replicaId: -1,
          topics: [{ name, partitions: asked }],
        });
        const answered = offsets.topics[0]?.partitions ?? [];
        if (answered.length === partitions && answered.every(({ errorCode }) => errorCode === 0)) return;
      }
      if (Date.now() > deadline) throw new Error(`preparation: ${name} got no leaders`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** Appends record batches with acks=all; throws when they are refused. Returns the first offset. */
  async produce(topic: CreatedTopic, records: Uint8Array, index = 0): Promise<bigint> {
    const response: ProduceResponse = await this.call(apiKeys.Produce, 12, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: topic.name, topicId: ZERO_UUID, partitionData: [{ index, records }] }],
    });
    const answer = response.responses[0]?.partitionResponses[0];
    if (answer === undefined || answer.errorCode !== 0) {
      throw new Error(`preparation: produce: ${answer?.errorCode} ${answer?.errorMessage}`);
    }
    return answer.baseOffset;
  }

  /** A producer id that the peer drew; it may need several tries while the peer fetches its first block. */
  async producerId(): Promise<bigint> {
    const deadline = Date.now() + readyWaitMs;
    for (;;) {
      const { errorCode, producerId } = await this.call(apiKeys.InitProducerId, 4, { transactionalId: null });
      if (errorCode === 0) return producerId;
      if (Date.now() > deadline) throw new Error(`preparation: no producer id: error ${errorCode}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** A peer that does not answer the next request within a second is taken for silent. */
  expectSilence(): void {
    this.#answerWaitMs = silenceMs;
  }

  close(): void {
    for (const party of this.#parties) party.close();
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #exchange(
    api: ApiKey,
    version: number,
    listener: ListenerName,
    fields: object,
    label: string,
  ): Promise<PendingObservation> {
    const observation: PendingObservation = { label, kind: "silent", value: null };
    this.observations.push(observation);
    const { outcome, correlationId } = await this.#send(api, version, listener, fields);
    observation.kind = outcome.kind;
    if (outcome.kind !== "answered") return observation;
    try {
      const value = decodeAnswer(api, version, outcome.frame);
      // The correlation id counts preparation too, whose number of tries differs between the peers.
      value["correlationId"] = value["correlationId"] === correlationId ? "<ours>" : "<another>";
      observation.value = value;
    } catch (error) {
      observation.kind = "undecodable";
      observation.value = `${String(error)}: ${outcome.frame.toString("hex")}`;
    }
    return observation;
  }

  async #send(
    api: ApiKey,
    version: number,
    listener: ListenerName,
    fields: object,
  ): Promise<{ outcome: Outcome; correlationId: number }> {
    const connection = await this.#connection(listener);
    const request = codecOf(api).makeRequest(fields as Partial<unknown>);
    const correlationId = this.#correlationId++;
    const frame = framed(requestBytes(api, version, request, correlationId));
    const outcome = await connection.send(frame, this.#answerWaitMs);
    this.#answerWaitMs = answerWaitMs;
    // An answer that comes after all must not be taken for the next one.
    if (outcome.kind === "silent") {
      connection.close();
      this.#connections.delete(listener);
    }
    return { outcome, correlationId };
  }

  /** Any request that every listener answers. */
  async #askOnNewConnection(): Promise<void> {
    const port = this.#listener === "broker" ? this.peer.port : this.peer.controllerPort;
    const connection = await PeerConnection.open(this.peer.host, port);
    const request = codecOf(apiKeys.ApiVersions).makeRequest({});
    await connection.send(framed(requestBytes(apiKeys.ApiVersions, 0, request, 1)), answerWaitMs);
    connection.close();
  }

  async #connection(listener: ListenerName): Promise<PeerConnection> {
    const open = this.#connections.get(listener);
    if (open !== undefined && !open.ended) return open;
    const port = listener === "broker" ? this.peer.port : this.peer.controllerPort;
    const connection = await PeerConnection.open(this.peer.host, port);
    this.#connections.set(listener, connection);
    return connection;
  }
}
