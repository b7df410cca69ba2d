// A broker of a simulated network that answers as a test says. It reads request headers and nothing else.
import type { Connection, FakeNode, Listener } from "@ottla/ports";
import {
  type ApiVersionsResponse,
  apiKeys,
  decodeRequestHeader,
  encodeApiVersionsResponse,
  makeApiVersionsResponse,
  Reader,
  type RequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";
import { FrameReceiver } from "../frame-receiver.ts";

/** A request that arrived. `reader` stands behind the header. */
export interface ArrivedRequest {
  readonly header: RequestHeader;
  readonly reader: Reader;
  readonly connection: Connection;
  /** Answers it with a body. */
  answer(encode: (writer: Writer) => void): void;
}

/** A frame with its length in front. */
export function framed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setInt32(0, body.length);
  frame.set(body, 4);
  return frame;
}

/** Answers ApiVersions with these versions of APIs. */
export function answerVersions(
  request: ArrivedRequest,
  versions: ReadonlyMap<number, readonly [min: number, max: number]>,
): void {
  const response: ApiVersionsResponse = makeApiVersionsResponse({
    apiKeys: [[apiKeys.ApiVersions, [0, 4]] as const, ...versions].map(([apiKey, [min, max]]) => ({
      apiKey,
      minVersion: min,
      maxVersion: max,
    })),
  });
  request.answer((writer) => encodeApiVersionsResponse(writer, response, request.header.requestApiVersion));
}

/** Listens on `node`; `onRequest` gets each request in order. */
export function scriptedBroker(
  node: FakeNode,
  port: number,
  onRequest: (request: ArrivedRequest) => void,
): { close(): void } {
  let listener: Listener | null = null;
  const accept = (connection: Connection) => {
    const receiver = new FrameReceiver(64 * 1024 * 1024, {
      onFrame: (frame) => onRequest(arrived(frame, connection)),
      onBadLength: () => connection.destroy(),
    });
    return { onBytes: (view: Uint8Array) => receiver.push(view), onClose: () => {} };
  };
  node.ports.network.listen({ host: "0.0.0.0", port, backlog: 16 }, accept, (result) => {
    if (result instanceof Error) throw result;
    listener = result;
  });
  return { close: () => listener?.close(() => {}) };
}

function arrived(frame: Uint8Array, connection: Connection): ArrivedRequest {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const [apiKey, version] = [view.getInt16(0), view.getInt16(2)];
  const reader = new Reader(frame);
  const header = decodeRequestHeader(reader, requestHeaderVersion(apiKey, version));
  return {
    header,
    reader,
    connection,
    answer(encode) {
      const writer = new Writer();
      writer.int32(header.correlationId);
      if (responseHeaderVersion(apiKey, version) >= 1) writer.uvarint(0);
      encode(writer);
      connection.send([framed(writer.toBytes())], () => {});
    },
  };
}
