// A response as the frame that goes to the socket: length, response header, body. Record data stays in views.
import type { Pieces } from "@ottla/ports";
import { type ResponseEncoderInPieces, responseHeaderVersion, type Writer } from "@ottla/protocol";
import type { AnyApiEntry } from "./api-entry.ts";

const lengthBytes = 4;

/** Parts of a whole reply frame and their sum. */
export interface EncodedReply {
  readonly parts: Uint8Array[];
  readonly bytes: number;
}

/**
 * `writer` is between messages and stays the caller's. Throws `EncodeError` when the response cannot be
 * written in this version, which is a bug of the handler: the writer is between messages then too.
 */
export function encodeReply(
  writer: Writer,
  entry: AnyApiEntry,
  version: number,
  correlationId: number,
  response: unknown,
): EncodedReply {
  try {
    return encode(writer, entry, version, correlationId, response);
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** The same in pieces, with a writer of its own. */
export function* encodeReplyInPieces(
  writer: Writer,
  entry: AnyApiEntry & { readonly encodeInPieces: ResponseEncoderInPieces },
  version: number,
  correlationId: number,
  response: unknown,
): Pieces<EncodedReply> {
  writeHeader(writer, entry, version, correlationId);
  yield* entry.encodeInPieces(writer, response, version);
  return framed(writer);
}

function encode(
  writer: Writer,
  entry: AnyApiEntry,
  version: number,
  correlationId: number,
  response: unknown,
): EncodedReply {
  writeHeader(writer, entry, version, correlationId);
  entry.codec.encodeResponse(writer, response, version);
  return framed(writer);
}

function writeHeader(writer: Writer, entry: AnyApiEntry, version: number, correlationId: number): void {
  writer.int32(0);
  writer.int32(correlationId);
  // Header 1 is header 0 and an empty list of tagged fields.
  if (responseHeaderVersion(entry.key, version) > 0) writer.uvarint(0);
}

/** What was written, with its length in front. */
function framed(writer: Writer): EncodedReply {
  const { parts, bytes } = writer.finish();
  const first = parts[0];
  if (first === undefined) throw new Error("a reply has at least its header");
  new DataView(first.buffer, first.byteOffset, lengthBytes).setInt32(0, bytes - lengthBytes);
  return { parts, bytes };
}
