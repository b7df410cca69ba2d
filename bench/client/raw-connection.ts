// The lightest client there is, on the sockets that a broker of ours has: frames in, frames out, answers
// matched by order. It decodes nothing it is not asked to. What it takes of the processors is not left for
// the broker, whichever that is.
import { type Connection, createNodeNetwork, NetworkError } from "@ottla/ports";
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

/** `frame` is valid during the call only. */
type OnFrame = (frame: Buffer) => void;

const network = createNodeNetwork();
const connectTimeoutMs = 10_000;
const lengthBytes = 4;

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
  #transport: Connection | null = null;
  readonly #waiting: OnFrame[] = [];
  #head = 0;
  /** A frame, or a part of its length, of which the rest is still to come. */
  #partial: Buffer = Buffer.alloc(lengthBytes);
  #partialBytes = 0;
  #correlationId = 0;
  /** Calls whose answers are still to come. */
  readonly #calls = new Set<(error: Error) => void>();
  /** What to do when the peer ends the connection; until someone cares, nothing. */
  onClosed: () => void = () => undefined;

  private constructor() {}

  static async open(port: number): Promise<RawConnection> {
    return await new Promise((done, failed) => {
      network.connect({ host: "127.0.0.1", port, timeoutMs: connectTimeoutMs }, (result) => {
        if (result instanceof NetworkError) {
          failed(result);
          return null;
        }
        const connection = new RawConnection();
        connection.#transport = result;
        done(connection);
        return {
          onBytes: (view) => connection.#take(Buffer.from(view.buffer, view.byteOffset, view.length)),
          onClose: () => connection.#closed(),
        };
      });
    });
  }

  #take(bytes: Buffer): void {
    let at = this.#partialBytes > 0 ? this.#fill(bytes) : 0;
    while (bytes.length - at >= lengthBytes) {
      const end = at + lengthBytes + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      this.#answer(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes, at);
  }

  /** Completes what is kept of a frame; answers how much of `bytes` that took. */
  #fill(bytes: Buffer): number {
    let at = 0;
    while (this.#partialBytes < lengthBytes) {
      if (at === bytes.length) return at;
      this.#partial[this.#partialBytes++] = bytes[at++] as number;
    }
    const frameBytes = lengthBytes + this.#partial.readInt32BE(0);
    this.#reserve(frameBytes);
    const copied = bytes.copy(this.#partial, this.#partialBytes, at, at + frameBytes - this.#partialBytes);
    this.#partialBytes += copied;
    if (this.#partialBytes === frameBytes) {
      this.#partialBytes = 0;
      this.#answer(this.#partial.subarray(0, frameBytes));
    }
    return at + copied;
  }

  #keep(bytes: Buffer, at: number): void {
    this.#reserve(bytes.length - at);
    this.#partialBytes = bytes.copy(this.#partial, 0, at);
  }

  #reserve(bytes: number): void {
    if (this.#partial.length >= bytes) return;
    const grown = Buffer.allocUnsafeSlow(bytes);
    this.#partial.copy(grown, 0, 0, this.#partialBytes);
    this.#partial = grown;
  }

  #answer(frame: Buffer): void {
    const onFrame = this.#waiting[this.#head];
    this.#waiting[this.#head++] = undefined as unknown as OnFrame;
    if (this.#head > 1024) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    onFrame?.(frame);
  }

  /** Sends a frame made before; its correlation id is whatever it holds. */
  sendFrame(frame: Uint8Array, onFrame: OnFrame): void {
    this.#waiting.push(onFrame);
    this.#transport?.send([frame], ignoreSent);
  }

  /** Sends a request and decodes the answer. */
  async call<Response>(apiKey: ApiKey, version: number, request: unknown): Promise<Response> {
    const frame = requestFrame(apiKey, version, request, this.#correlationId++);
    const answer = await new Promise<Buffer>((done, failed) => {
      this.#calls.add(failed);
      this.sendFrame(frame, (bytes) => {
        this.#calls.delete(failed);
        done(Buffer.from(bytes));
      });
    });
    const headerBytes = responseHeaderVersion(apiKey, version) >= 1 ? 5 : 4;
    return codecOf(apiKey).decodeResponse(new Reader(answer, 4 + headerBytes), version) as Response;
  }

  #closed(): void {
    for (const failed of this.#calls) failed(new Error("the peer closed the connection"));
    this.onClosed();
  }

  close(): void {
    this.onClosed = () => undefined;
    this.#transport?.destroy();
  }
}

function ignoreSent(): void {}
