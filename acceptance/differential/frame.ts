// Request frames out of messages and messages out of answers, by the generated codecs.
import {
  type ApiCodec,
  type ApiKey,
  encodeRequestHeader,
  findApiCodec,
  makeRequestHeader,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";

export const clientId = "differential";

/** The codec of an API by key; the key is known to exist. */
export function codecOf(apiKey: ApiKey): ApiCodec<unknown, unknown> {
  const codec = findApiCodec(apiKey);
  if (codec === undefined) throw new Error(`no codec for API ${apiKey}`);
  return codec;
}

/** Puts the length prefix in front. */
export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length, 0);
  frame.set(body, 4);
  return frame;
}

/** A request header alone, also for keys and versions that do not exist. */
export function headerBytes(
  apiKey: number,
  version: number,
  correlationId: number,
  headerVersion: number,
): Buffer {
  const writer = new Writer();
  encodeRequestHeader(
    writer,
    makeRequestHeader({ requestApiKey: apiKey, requestApiVersion: version, correlationId, clientId }),
    headerVersion,
  );
  return Buffer.from(writer.toBytes());
}

/** A request, header and body, without the length prefix. */
export function requestBytes(
  apiKey: ApiKey,
  version: number,
  request: unknown,
  correlationId: number,
): Buffer {
  const writer = new Writer();
  codecOf(apiKey).encodeRequest(writer, request, version);
  const header = headerBytes(apiKey, version, correlationId, requestHeaderVersion(apiKey, version));
  return Buffer.concat([header, writer.toBytes()]);
}

/**
 * An answer as an object; `correlationId` and what follows the message are part of it, so that they are
 * compared.
 */
export function decodeAnswer(apiKey: ApiKey, version: number, frame: Buffer): Record<string, unknown> {
  const reader = new Reader(frame);
  const correlationId = reader.int32();
  if (responseHeaderVersion(apiKey, version) >= 1) reader.unknownTags();
  const body = codecOf(apiKey).decodeResponse(reader, version) as Record<string, unknown>;
  return { correlationId, ...body, bytesAfterTheMessage: reader.remaining };
}
