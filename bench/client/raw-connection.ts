// The lightest client there is: frames in, frames out, answers matched by order. It decodes nothing it is not
// asked to.
import { connect, type Socket } from "node:net";
import {
  type ApiCodec,
  type ApiKey,
  apiCodecs,
  encodeRequestHeader,
  makeRequestHeader,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";

type OnFrame = (frame: Buffer) => void;

function codecOf(apiKey: ApiKey): ApiCodec<unknown, unknown> {
  return apiCodecs[apiKey] as unknown as ApiCodec<unknown, unknown>;
}

/** A whole request frame, length prefix included. */
export function requestFrame(
  apiKey: ApiKey,
  version: number,
  request: unknown,
  correlationId: number,
): Buffer {
  const codec = codecOf(apiKey);
  const writer = new Writer();
  const header = makeRequestHeader({
    requestApiKey: apiKey,
    requestApiVersion: version,
    correlationId,
    clientId: "bench",
  });
  encodeRequestHeader(writer, header, requestHeaderVersion(apiKey, version));
  codec.encodeRequest(writer, request, version);
  const body = writer.finish();
  const frame = Buffer.alloc(4 + body.bytes);
  frame.writeInt32BE(body.bytes, 0);
  let at = 4;
  for (const part of body.parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** One connection with any number of requests in flight. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #waiting: OnFrame[] = [];
  #head = 0;
  #rest: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  static async open(port: number): Promise<RawConnection> {
    return await new Promise((done, failed) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", failed);
      socket.once("connect", () => done(new RawConnection(socket)));
    });
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    const first = this.#rest.length > 0 ? this.#rest : (this.#chunks[0] as Buffer);
    const needed = first.length >= 4 ? 4 + first.readInt32BE(0) : 4;
    if (this.#rest.length + this.#chunkBytes < needed) return;
    let bytes =
      this.#rest.length === 0 && this.#chunks.length === 1
        ? chunk
        : Buffer.concat([this.#rest, ...this.#chunks]);
    this.#chunks = [];
    this.#chunkBytes = 0;
    while (bytes.length >= 4) {
      const end = 4 + bytes.readInt32BE(0);
      if (bytes.length < end) break;
      const onFrame = this.#waiting[this.#head];
      this.#waiting[this.#head++] = undefined as unknown as OnFrame;
      if (this.#head > 1024) {
        this.#waiting.splice(0, this.#head);
        this.#head = 0;
      }
      onFrame?.(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }

  /** Sends a frame made before; its correlation id is whatever it holds. */
  sendFrame(frame: Uint8Array, onFrame: OnFrame): void {
    this.#waiting.push(onFrame);
    this.#socket.write(frame);
  }

  /** Sends a request and decodes the answer. */
  async call<Response>(apiKey: ApiKey, version: number, request: unknown): Promise<Response> {
    const frame = requestFrame(apiKey, version, request, this.#correlationId++);
    const answer = await new Promise<Buffer>((done) =>
      this.sendFrame(frame, (bytes) => done(Buffer.from(bytes))),
    );
    const headerBytes = responseHeaderVersion(apiKey, version) >= 1 ? 5 : 4;
    return codecOf(apiKey).decodeResponse(new Reader(answer, 4 + headerBytes), version) as Response;
  }

  close(): void {
    this.#socket.destroy();
  }
}
