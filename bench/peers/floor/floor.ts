// `floor.ts PORT DIRECTORY`: a Node event loop that takes the Produce and Fetch frames of the raw loads,
// finds what it needs at fixed places and believes all of it: block append, one write per partition and turn,
// tail cache. No Kafka semantics, no CRC, no waiting fetch. How far Ottla is from it tells what the semantics
// cost.
import { mkdirSync } from "node:fs";
import { createServer, Socket, type SocketConstructorOpts } from "node:net";
import { join } from "node:path";
import {
  type ApiKey,
  apiKeys,
  decodeCreateTopicsRequest,
  decodeMetadataRequest,
  encodeCreateTopicsResponse,
  encodeMetadataResponse,
  makeCreateTopicsResponse,
  makeMetadataResponse,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
  ZERO_UUID,
} from "@ottla/protocol";
import { FloorPartition, type FreeBuffers } from "./floor-partition.ts";
import { FrameReceiver } from "./frame-receiver.ts";

const [port = "", directory = ""] = process.argv.slice(2);

/** What one connection is answered at the end of the turn. */
interface Replies {
  readonly socket: Socket;
  parts: Buffer[];
  releases: (() => void)[];
}

/** All there is. */
class Floor {
  readonly #topics = new Map<string, FloorPartition[]>();
  readonly #dirty = new Set<FloorPartition>();
  readonly #answered = new Set<Replies>();
  readonly #free: FreeBuffers = [];
  #isTurnEnding = false;

  take(frame: Buffer, replies: Replies): void {
    if (!this.#isTurnEnding) {
      this.#isTurnEnding = true;
      setImmediate(() => this.#endTurn());
    }
    this.#answered.add(replies);
    const key = frame.readInt16BE(4);
    if (key === apiKeys.Produce) this.#produce(frame, replies);
    else if (key === apiKeys.Fetch) this.#fetch(frame, replies);
    else replies.parts.push(this.#admin(key, frame));
  }

  #endTurn(): void {
    this.#isTurnEnding = false;
    for (const partition of this.#dirty) partition.write();
    this.#dirty.clear();
    for (const replies of this.#answered) {
      const { socket, parts, releases } = replies;
      replies.parts = [];
      replies.releases = [];
      const sent = (): void => {
        for (const release of releases) release();
      };
      socket.cork();
      parts.forEach((part, index) => {
        if (index === parts.length - 1) socket.write(part, sent);
        else socket.write(part);
      });
      socket.uncork();
    }
    this.#answered.clear();
  }

  #partition(topic: string, index: number): FloorPartition {
    const found = this.#topics.get(topic)?.[index];
    if (found === undefined) throw new Error(`no partition ${topic}-${index}`);
    return found;
  }

  /** Version 9, one batch of one partition. */
  #produce(frame: Buffer, replies: Replies): void {
    // Behind the header and its tags: transactional id 1, acks 2, timeout 4, topics 1.
    let at = bodyAt(frame) + 1 + 1 + 2 + 4 + 1;
    const topicBytes = (frame[at++] as number) - 1;
    const topic = frame.toString("latin1", at, at + topicBytes);
    at += topicBytes + 1;
    const index = frame.readInt32BE(at);
    at += 4;
    let bytes = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = frame[at++] as number;
      bytes |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const partition = this.#partition(topic, index);
    const offset = partition.append(frame.subarray(at, at + bytes - 1));
    this.#dirty.add(partition);
    replies.parts.push(produceAnswer(frame.readInt32BE(8), topic, index, offset));
  }

  /** Version 11, one partition. */
  #fetch(frame: Buffer, replies: Replies): void {
    // Replica 4, wait 4, bytes 4 and 4, isolation 1, session 4 and 4, topics 4.
    let at = bodyAt(frame) + 29;
    const topicBytes = frame.readInt16BE(at);
    const topic = frame.toString("latin1", at + 2, at + 2 + topicBytes);
    at += 2 + topicBytes + 4;
    const index = frame.readInt32BE(at);
    const offset = frame.readUInt32BE(at + 8) * 2 ** 32 + frame.readUInt32BE(at + 12);
    const partition = this.#partition(topic, index);
    const slice = partition.read(offset, frame.readInt32BE(at + 24));
    const head = fetchAnswerHead(frame.readInt32BE(8), topic, index, partition.nextOffset, slice.bytes);
    replies.parts.push(head, ...slice.parts);
    replies.releases.push(slice.release);
  }

  #admin(key: number, frame: Buffer): Buffer {
    const version = frame.readInt16BE(6);
    const tagged = requestHeaderVersion(key as ApiKey, version) >= 2;
    const reader = new Reader(frame, bodyAt(frame) + (tagged ? 1 : 0));
    const writer = new Writer();
    if (key === apiKeys.CreateTopics) {
      const { topics } = decodeCreateTopicsRequest(reader, version);
      for (const { name, numPartitions } of topics) {
        const partitions = Array.from(
          { length: numPartitions },
          (_, index) => new FloorPartition(join(directory, `${name}-${index}.log`), this.#free),
        );
        this.#topics.set(name, partitions);
      }
      const created = topics.map(({ name, numPartitions, replicationFactor }) => ({
        name,
        topicId: ZERO_UUID,
        errorCode: 0,
        errorMessage: null,
        topicConfigErrorCode: 0,
        numPartitions,
        replicationFactor,
        configs: [],
      }));
      encodeCreateTopicsResponse(writer, makeCreateTopicsResponse({ topics: created }), version);
    } else if (key === apiKeys.Metadata) {
      const { topics } = decodeMetadataRequest(reader, version);
      const described = (topics ?? []).map(({ name }) => {
        const partitions = (this.#topics.get(name ?? "") ?? []).map((_, partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1,
          leaderEpoch: 0,
          replicaNodes: [1],
          isrNodes: [1],
          offlineReplicas: [],
        }));
        const topic = { errorCode: 0, name, topicId: ZERO_UUID, isInternal: false, partitions };
        return { ...topic, topicAuthorizedOperations: 0 };
      });
      encodeMetadataResponse(writer, makeMetadataResponse({ topics: described }), version);
    } else throw new Error(`the floor does not serve API ${key}`);
    const tags = Buffer.alloc(responseHeaderVersion(key as ApiKey, version) >= 1 ? 1 : 0);
    return framed(frame.readInt32BE(8), Buffer.concat([tags, ...writer.finish().parts]));
  }
}

/** Behind length, key, version, correlation id and client id. */
function bodyAt(frame: Buffer): number {
  return 4 + 2 + 2 + 4 + 2 + frame.readInt16BE(12);
}

/** With length and correlation id. */
function framed(correlationId: number, body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(8 + body.length);
  frame.writeInt32BE(4 + body.length, 0);
  frame.writeInt32BE(correlationId, 4);
  body.copy(frame, 8);
  return frame;
}

function produceAnswer(correlationId: number, topic: string, index: number, offset: number): Buffer {
  const frame = Buffer.alloc(
    4 + 4 + 1 + 1 + 1 + topic.length + 1 + 4 + 2 + 8 + 8 + 8 + 1 + 1 + 1 + 1 + 4 + 1,
  );
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(correlationId, 4);
  frame[9] = 2;
  frame[10] = topic.length + 1;
  frame.write(topic, 11, "latin1");
  let at = 11 + topic.length;
  frame[at++] = 2;
  frame.writeInt32BE(index, at);
  at += 6;
  frame.writeUInt32BE(Math.floor(offset / 2 ** 32), at);
  frame.writeUInt32BE(offset >>> 0, at + 4);
  frame.fill(0xff, at + 8, at + 16);
  // The log begins at 0, and no record is at fault.
  frame[at + 24] = 1;
  return frame;
}

function fetchAnswerHead(
  correlationId: number,
  topic: string,
  index: number,
  highWatermark: number,
  recordBytes: number,
): Buffer {
  const head = Buffer.alloc(4 + 4 + 4 + 2 + 4 + 4 + 2 + topic.length + 4 + 4 + 2 + 8 + 8 + 8 + 4 + 4 + 4);
  head.writeInt32BE(head.length - 4 + recordBytes, 0);
  head.writeInt32BE(correlationId, 4);
  head.writeInt32BE(1, 18);
  head.writeInt16BE(topic.length, 22);
  head.write(topic, 24, "latin1");
  let at = 24 + topic.length;
  head.writeInt32BE(1, at);
  head.writeInt32BE(index, at + 4);
  at += 10;
  head.writeBigInt64BE(BigInt(highWatermark), at);
  head.writeBigInt64BE(BigInt(highWatermark), at + 8);
  // Log start 0; no list of aborted transactions, no preferred replica.
  head.writeInt32BE(-1, at + 24);
  head.writeInt32BE(-1, at + 28);
  head.writeInt32BE(recordBytes, at + 32);
  return head;
}

/** `net` takes `onread` for sockets that it connects; an accepted handle is given to a new one. */
function adopted(accepted: Socket, onread: unknown): Socket {
  const from = accepted as unknown as { _handle: unknown };
  const socket = new Socket({ handle: from._handle, onread } as unknown as SocketConstructorOpts);
  from._handle = null;
  return socket;
}

mkdirSync(directory, { recursive: true });
const floor = new Floor();
const server = createServer({ pauseOnConnect: true, noDelay: true }, (accepted) => {
  const receiver = new FrameReceiver((frame) => floor.take(frame, replies));
  const callback = (bytes: number): boolean => {
    receiver.onBytes(bytes);
    return true;
  };
  const socket = adopted(accepted, { buffer: () => receiver.nextBuffer(), callback });
  const replies: Replies = { socket, parts: [], releases: [] };
  socket.on("error", () => undefined);
  socket.setNoDelay(true);
  socket.resume();
});
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
