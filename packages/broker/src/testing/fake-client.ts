// A client on another node of a fake world: sends frames to a broker and collects the frames that come back.
import { type Connection, type FakeNode, type FakeWorld, NetworkError } from "@ottla/ports";
import {
  type ApiKey,
  apiCodecs,
  decodeResponseHeader,
  encodeRequestHeader,
  makeRequestHeader,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";

/** One connection of a client. */
export class FakeClient {
  readonly #world: FakeWorld;
  #connection: Connection | null = null;
  #received: Uint8Array = new Uint8Array(0);
  isClosed = false;

  private constructor(world: FakeWorld) {
    this.#world = world;
  }

  /** Connects; the world runs until it is there. */
  static connect(world: FakeWorld, from: FakeNode, host: string, port: number): FakeClient {
    const client = new FakeClient(world);
    let isDone = false;
    from.ports.network.connect({ host, port, timeoutMs: 5000 }, (result) => {
      isDone = true;
      if (result instanceof NetworkError) {
        client.isClosed = true;
        return null;
      }
      client.#connection = result;
      return {
        onBytes: (view) => {
          const grown = new Uint8Array(client.#received.length + view.length);
          grown.set(client.#received);
          grown.set(view, client.#received.length);
          client.#received = grown;
        },
        onClose: () => {
          client.isClosed = true;
        },
      };
    });
    world.run({ until: () => isDone, ms: 10_000 });
    return client;
  }

  send(bytes: Uint8Array): void {
    this.#connection?.send([bytes], () => {});
  }

  end(): void {
    this.#connection?.destroy();
  }

  /** The next reply frame without its length; null when the connection closed or the time ran out. */
  receive(ms = 60_000): Uint8Array | null {
    this.#world.run({ until: () => this.isClosed || this.#frameBytes() !== null, ms });
    const bytes = this.#frameBytes();
    if (bytes === null) return null;
    const frame = this.#received.slice(4, 4 + bytes);
    this.#received = this.#received.slice(4 + bytes);
    return frame;
  }

  /** Asks and decodes the answer; null when the connection closed instead. */
  ask(key: number, version: number, fields: Readonly<Record<string, unknown>>): unknown {
    this.send(requestFrame(key, version, fields));
    const frame = this.receive();
    if (frame === null) return null;
    const reader = new Reader(frame);
    decodeResponseHeader(reader, responseHeaderVersion(key, version));
    return apiCodecs[key as ApiKey].decodeResponse(reader, version);
  }

  #frameBytes(): number | null {
    const { length, buffer, byteOffset } = this.#received;
    if (length < 4) return null;
    const bytes = new DataView(buffer, byteOffset).getInt32(0);
    return length >= 4 + bytes ? bytes : null;
  }
}

/** A whole request frame, as a client of the codec writes it. */
export function requestFrame(
  key: number,
  version: number,
  fields: Readonly<Record<string, unknown>>,
  correlationId = 7,
): Uint8Array {
  // The map's type is the intersection of all messages; each codec only sees its own.
  const codec = apiCodecs[key as ApiKey] as unknown as {
    makeRequest(fields: unknown): unknown;
    encodeRequest(writer: Writer, message: unknown, version: number): void;
  };
  const writer = new Writer();
  writer.int32(0);
  const header = makeRequestHeader({
    requestApiKey: key,
    requestApiVersion: version,
    correlationId,
    clientId: "test",
  });
  encodeRequestHeader(writer, header, requestHeaderVersion(key, version));
  codec.encodeRequest(writer, codec.makeRequest(fields), version);
  const bytes = writer.toBytes();
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4);
  return bytes;
}
