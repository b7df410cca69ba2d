// Asks one broker for its replicas of partitions, as a reader that is neither consumer nor follower, so that
// it answers whether it leads them or not. One request at a time; a connection that was lost is made again at
// the next one.
import {
  apiKeys,
  decodeFetchResponse,
  encodeFetchRequest,
  type FetchRequest,
  type FetchResponse,
  makeFetchRequest,
  makeFetchRequestFetchPartition,
  makeFetchRequestFetchTopic,
  makeFetchRequestReplicaState,
  type Uuid,
} from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError } from "@ottla/rpc";
import type { ToolHost } from "../../options/tool-host.ts";
import { KAFKA_VERSION } from "../../server/versions.ts";
import { CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS, RESPONSE_BYTES_MAX } from "./limits.ts";

/** Kafka's id of a reader that looks at replicas. */
const DEBUGGING_CONSUMER_ID = -2;
const NO_SESSION = { sessionId: 0, sessionEpoch: -1 };
const SESSION_VERSION_MIN = 7;
const TOPIC_ID_VERSION_MIN = 13;
const REPLICA_STATE_VERSION_MIN = 15;
const ALL_BYTES = 2 ** 31 - 1;

const fetchApi: RpcApi<FetchRequest, FetchResponse> = {
  key: apiKeys.Fetch,
  encodeRequest: encodeFetchRequest,
  decodeResponse: decodeFetchResponse,
};

/** A partition to ask for. */
export interface WantedPartition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly offset: number;
}

/** How to ask. */
export interface FetchBounds {
  readonly partitionBytes: number;
  readonly waitMs: number;
}

/** One partition's part of an answer. */
export interface FetchedReplica {
  readonly name: string;
  readonly highWatermark: number;
  readonly records: Uint8Array;
}

/** One broker. */
export class ReplicaFetcher {
  readonly id: number;
  readonly #host: ToolHost;
  readonly #address: { readonly host: string; readonly port: number };
  readonly #clientId: string;
  #connection: RpcConnection | null = null;

  constructor(host: ToolHost, broker: { id: number; host: string; port: number }, number: number) {
    this.id = broker.id;
    this.#host = host;
    this.#address = { host: broker.host, port: broker.port };
    this.#clientId = `broker-${DEBUGGING_CONSUMER_ID}-fetcher-${number}`;
  }

  /** What the broker has from the offsets on; null where it does not answer. */
  async fetch(
    wanted: readonly WantedPartition[],
    bounds: FetchBounds,
  ): Promise<readonly FetchedReplica[] | null> {
    const connection = await this.#connected();
    // It may have asked not to be asked for a while.
    if (connection?.canSend !== true) return null;
    const request = (version: number): FetchRequest => fetchRequest(wanted, bounds, version);
    return new Promise((done) => {
      const options = { timeoutMs: bounds.waitMs + REQUEST_TIMEOUT_MS };
      connection.send(fetchApi, request, options, (result) => {
        if (result.kind === "failed") {
          this.#connection = null;
          connection.close();
          done(null);
        } else done(replicasOf(result.response, wanted));
      });
    });
  }

  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #connected(): Promise<RpcConnection | null> {
    if (this.#connection !== null && !this.#connection.isClosed) return this.#connection;
    const opened = await new Promise<RpcConnection | RpcError>((done) =>
      RpcConnection.open(
        {
          ports: this.#host.ports,
          ...this.#address,
          clientId: this.#clientId,
          softwareName: "ottla",
          softwareVersion: KAFKA_VERSION,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          requestTimeoutMs: REQUEST_TIMEOUT_MS,
          inFlightMax: 1,
          responseBytesMax: RESPONSE_BYTES_MAX,
        },
        done,
      ),
    );
    this.#connection = opened instanceof RpcError ? null : opened;
    return this.#connection;
  }
}

function fetchRequest(
  wanted: readonly WantedPartition[],
  { partitionBytes, waitMs }: FetchBounds,
  version: number,
): FetchRequest {
  const byTopic = new Map<string, FetchRequest.FetchTopic>();
  for (const { topic, topicId, partition, offset } of wanted) {
    let entry = byTopic.get(topic);
    if (entry === undefined) {
      entry = makeFetchRequestFetchTopic(version < TOPIC_ID_VERSION_MIN ? { topic } : { topicId });
      byTopic.set(topic, entry);
    }
    entry.partitions.push(
      makeFetchRequestFetchPartition({
        partition,
        fetchOffset: BigInt(offset),
        partitionMaxBytes: partitionBytes,
        logStartOffset: version >= LOG_START_VERSION_MIN ? 0n : NO_LOG_START,
      }),
    );
  }
  const replicaId = DEBUGGING_CONSUMER_ID;
  return makeFetchRequest({
    ...(version < REPLICA_STATE_VERSION_MIN
      ? { replicaId }
      : { replicaState: makeFetchRequestReplicaState({ replicaId }) }),
    maxWaitMs: waitMs,
    minBytes: 1,
    maxBytes: ALL_BYTES,
    ...(version >= SESSION_VERSION_MIN ? NO_SESSION : {}),
    topics: [...byTopic.values()],
  });
}

function replicasOf(response: FetchResponse, wanted: readonly WantedPartition[]): FetchedReplica[] {
  const names = new Map<string, string>(wanted.map(({ topic, topicId }) => [topicId, topic]));
  return response.responses.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(({ partitionIndex, highWatermark, records }) => ({
      name: `${topic === "" ? names.get(topicId) : topic}-${partitionIndex}`,
      highWatermark: Number(highWatermark),
      records: records ?? EMPTY,
    })),
  );
}

const LOG_START_VERSION_MIN = 5;
const NO_LOG_START = -1n;
const EMPTY = new Uint8Array(0);
