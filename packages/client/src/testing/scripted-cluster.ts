// Brokers of a simulated network that answer as a test says. Requests are decoded, answers encoded, by the
// generated codecs; metadata follows from who leads what. Not a broker: it stores nothing.
import { type Connection, type FakeNode, FakeWorld, type Listener, settlePromises } from "@ottla/ports";
import {
  type ApiMessages,
  apiCodecs,
  apiFacts,
  apiKeys,
  decodeRequestHeader,
  errors,
  type MetadataRequest,
  type MetadataResponse,
  makeApiVersionsResponse,
  makeApiVersionsResponseApiVersion,
  makeMetadataResponse,
  makeMetadataResponseMetadataResponseBroker,
  makeMetadataResponseMetadataResponsePartition,
  makeMetadataResponseMetadataResponseTopic,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  type Uuid,
  Writer,
} from "@ottla/protocol";
import { type ClientEnvironment, clientEnvironment } from "../environment/client-environment.ts";

type AnyKey = keyof ApiMessages;

/** One request that arrived. */
export interface ScriptedCall<Key extends AnyKey> {
  readonly nodeId: number;
  readonly version: number;
  readonly request: ApiMessages[Key]["request"];
  /** Answers later, after the handler gave "later"; answers behind it wait, as a broker's do. */
  answer(response: ApiMessages[Key]["response"]): void;
  /** Ends the connection without an answer. */
  drop(): void;
}

/** Gives the answer, or null for none ever. */
type Handler<Key extends AnyKey> = (call: ScriptedCall<Key>) => ApiMessages[Key]["response"] | null | "later";

/** Leader and epoch of each partition of one topic. */
export interface ScriptedTopic {
  topicId: Uuid;
  readonly partitions: { leaderId: number; leaderEpoch: number }[];
}

interface ScriptedNode {
  readonly name: string;
  readonly node: FakeNode;
  listener: Listener | null;
  readonly connections: Set<Connection>;
}

const PORT = 9092;

/** Names of nodes are `broker-ID`. */
export class ScriptedCluster {
  readonly world: FakeWorld;
  readonly topics: Map<string, ScriptedTopic> = new Map();
  /** Ids that metadata tells of; also those that are down. */
  members: number[] = [];
  /** API key and node of each request but ApiVersions, in order of arrival. */
  readonly log: { readonly apiKey: number; readonly nodeId: number; readonly version: number }[] = [];
  /** Highest version that is told for an API; others are told as known. */
  readonly versionMax: Map<number, number> = new Map();
  readonly #nodes = new Map<number, ScriptedNode>();
  readonly #handlers = new Map<number, Handler<AnyKey>>();
  readonly client: FakeNode;

  constructor(seed: number, ids: readonly number[]) {
    this.world = new FakeWorld({ seed });
    this.client = this.world.node("client");
    for (const id of ids) this.start(id);
    this.on(apiKeys.Metadata, ({ request }) => this.metadata(request));
    this.world.run({ ms: 10 });
  }

  get environment(): ClientEnvironment {
    return clientEnvironment(this.client.ports);
  }

  /** Sets how an API is answered. */
  on<Key extends AnyKey>(apiKey: Key, handler: Handler<Key>): void {
    this.#handlers.set(apiKey, handler as unknown as Handler<AnyKey>);
  }

  topic(name: string, leaders: readonly number[]): void {
    const topicId = `${name.padEnd(21, "x").slice(0, 21)}A` as Uuid;
    this.topics.set(name, {
      topicId,
      partitions: leaders.map((leaderId) => ({ leaderId, leaderEpoch: 0 })),
    });
  }

  /** Begins to listen, for the first time or again. */
  start(id: number, name: string = `broker-${id}`): void {
    const known = this.#nodes.get(id);
    const node = known ?? { name, node: this.world.node(name), listener: null, connections: new Set() };
    this.#nodes.set(id, node);
    if (!this.members.includes(id)) this.members.push(id);
    const where = { host: "0.0.0.0", port: PORT, backlog: 64 };
    node.node.ports.network.listen(
      where,
      (connection) => this.#accept(id, node, connection),
      (result) => {
        if (result instanceof Error) throw result;
        node.listener = result;
      },
    );
  }

  /** Stops listening and ends all connections. */
  stop(id: number): void {
    const node = this.#nodes.get(id);
    node?.listener?.close(() => {});
    for (const connection of node?.connections ?? []) connection.destroy();
  }

  /** Ends the connections of a node, which goes on listening. */
  disconnect(id: number): void {
    for (const connection of this.#nodes.get(id)?.connections ?? []) connection.destroy();
  }

  /** What the cluster tells about itself. */
  metadata(request: MetadataRequest): MetadataResponse {
    const names =
      request.topics === null ? [...this.topics.keys()] : request.topics.map(({ name }) => name ?? "");
    return makeMetadataResponse({
      clusterId: "cluster",
      controllerId: this.members[0] ?? -1,
      brokers: this.members.map((nodeId) =>
        makeMetadataResponseMetadataResponseBroker({
          nodeId,
          host: this.#nodes.get(nodeId)?.name ?? "nowhere",
          port: PORT,
        }),
      ),
      topics: names.map((name) => {
        const topic = this.topics.get(name);
        if (topic === undefined) {
          const errorCode = errors.UNKNOWN_TOPIC_OR_PARTITION.code;
          return makeMetadataResponseMetadataResponseTopic({ name, errorCode });
        }
        const { topicId } = topic;
        const partitions = topic.partitions.map(({ leaderId, leaderEpoch }, partitionIndex) =>
          makeMetadataResponseMetadataResponsePartition({
            partitionIndex,
            leaderId,
            leaderEpoch,
            replicaNodes: [...this.members],
            isrNodes: [...this.members],
            errorCode: leaderId < 0 ? errors.LEADER_NOT_AVAILABLE.code : 0,
          }),
        );
        return makeMetadataResponseMetadataResponseTopic({ name, topicId, partitions });
      }),
    });
  }

  /** Runs the world until the promise is settled; fails after ten minutes of its time. */
  async settled<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const mark = () => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.run({ until: () => isSettled, ms: 600_000 });
    if (!isSettled) throw new Error("the world came to rest and the promise is open");
    return promise;
  }

  /** Runs the world; code that awaits goes on in between. */
  async run(limit: { readonly until?: () => boolean; readonly ms?: number }): Promise<void> {
    await this.world.runSettled(limit, settlePromises);
  }

  #accept(nodeId: number, node: ScriptedNode, connection: Connection) {
    node.connections.add(connection);
    let pending = new Uint8Array(0);
    const outbox = new Outbox(connection);
    return {
      onBytes: (view: Uint8Array) => {
        const joined = new Uint8Array(pending.length + view.length);
        joined.set(pending);
        joined.set(view, pending.length);
        pending = joined;
        for (;;) {
          if (pending.length < 4) return;
          const end = 4 + new DataView(pending.buffer, pending.byteOffset).getInt32(0);
          if (pending.length < end) return;
          const frame = pending.slice(4, end);
          pending = pending.slice(end);
          this.#answer(nodeId, frame, connection, outbox);
        }
      },
      onClose: () => {
        node.connections.delete(connection);
      },
    };
  }

  #answer(nodeId: number, frame: Uint8Array, connection: Connection, outbox: Outbox): void {
    const view = new DataView(frame.buffer, frame.byteOffset);
    const apiKey = view.getInt16(0) as AnyKey;
    const version = view.getInt16(2);
    const reader = new Reader(frame);
    const header = decodeRequestHeader(reader, requestHeaderVersion(apiKey, version));
    const codec = apiCodecs[apiKey];
    const request = codec.decodeRequest(reader, version);
    const encode = (response: unknown): Uint8Array => {
      const writer = new Writer();
      writer.int32(0);
      writer.int32(header.correlationId);
      if (responseHeaderVersion(apiKey, version) >= 1) writer.uvarint(0);
      codec.encodeResponse(writer, response as never, version);
      const bytes = writer.toBytes();
      new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4);
      return bytes;
    };
    if (apiKey === apiKeys.ApiVersions) {
      outbox.place()(encode(this.#versions()));
      return;
    }
    this.log.push({ apiKey, nodeId, version });
    const handler = this.#handlers.get(apiKey);
    if (handler === undefined) throw new Error(`nobody answers API ${apiKey}`);
    let put: ((bytes: Uint8Array) => void) | null = null;
    const answer = (response: unknown): void => put?.(encode(response));
    const call = { nodeId, version, request: request as never, answer, drop: () => connection.destroy() };
    const response = handler(call);
    if (response === null) return;
    put = outbox.place();
    if (response !== "later") answer(response);
  }

  #versions() {
    return makeApiVersionsResponse({
      apiKeys: apiFacts.map(({ key, minVersion, latestStable }) =>
        makeApiVersionsResponseApiVersion({
          apiKey: key,
          minVersion,
          maxVersion: this.versionMax.get(key) ?? latestStable,
        }),
      ),
    });
  }
}

/** Answers leave in the order of their requests. */
class Outbox {
  readonly #connection: Connection;
  readonly #waiting: { bytes: Uint8Array | null }[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The next place in the order; the function fills it. */
  place(): (bytes: Uint8Array) => void {
    const place: { bytes: Uint8Array | null } = { bytes: null };
    this.#waiting.push(place);
    return (bytes) => {
      place.bytes = bytes;
      while (this.#waiting[0]?.bytes) {
        const { bytes: next } = this.#waiting.shift()!;
        if (next !== null && !this.#connection.isDestroyed) this.#connection.send([next], () => {});
      }
    };
  }
}
