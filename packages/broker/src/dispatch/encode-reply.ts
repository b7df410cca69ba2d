// A response as the frame that goes to the socket: length, response header, body. Record data stays in views.
import { responseHeaderVersion, Writer } from "@ottla/protocol";
import type { AnyApiEntry } from "./api-entry.ts";

const lengthBytes = 4;

/** Parts of a whole reply frame and their sum. */
export interface EncodedReply {
  readonly parts: Uint8Array[];
  readonly bytes: number;
}

/** Throws `EncodeError` when the response cannot be written in this version: a bug of the handler. */
export function encodeReply(
  entry: AnyApiEntry,
  version: number,
  correlationId: number,
  response: unknown,
): EncodedReply {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  // Header 1 is header 0 and an empty list of tagged fields.
  if (responseHeaderVersion(entry.key, version) > 0) writer.uvarint(0);
  entry.codec.encodeResponse(writer, response, version);
  const { parts, bytes } = writer.finish();
  const first = parts[0];
  if (first === undefined) throw new Error("a reply has at least its header");
  new DataView(first.buffer, first.byteOffset, lengthBytes).setInt32(0, bytes - lengthBytes);
  return { parts, bytes };
}
