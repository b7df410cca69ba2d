// Vectors of messages.jsonl (bodies and headers) and frames.jsonl (a size, a header, a default body).
import assert from "node:assert/strict";
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
  findApiCodec,
  makeRequestHeader,
  makeResponseHeader,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";
import { type Check, checkBody, fromHex, toHex, type Vector } from "../check.ts";

export const checkMessage: Check = (vector) => {
  const suffix = vector.kind === "request" ? "Request" : vector.kind === "response" ? "Response" : "";
  const { version, json, hex } = vector;
  checkBody({ name: `${vector.api}${suffix}`, version, json, unknownTags: vector.unknownTags ?? [], hex });
  return undefined;
};

export const checkFrame: Check = (vector) => {
  const bytes = fromHex(vector.hex);
  const isRequest = vector.kind === "request";
  const headerVersion = isRequest
    ? requestHeaderVersion(vector.apiKey, vector.version)
    : responseHeaderVersion(vector.apiKey, vector.version);
  assert.equal(headerVersion, vector.headerVersion);
  const reader = new Reader(bytes);
  assert.equal(reader.int32(), bytes.length - 4);
  const codec = findApiCodec(vector.apiKey);
  assert(codec !== undefined, `there is no API ${vector.apiKey}`);
  const writer = new Writer();
  if (isRequest) {
    checkRequestHeader(vector, decodeRequestHeader(reader, headerVersion));
    assert.equal(reader.offset, 4 + vector.headerLength);
    const { apiKey, version, correlationId, clientId } = vector;
    const header = makeRequestHeader({
      requestApiKey: apiKey,
      requestApiVersion: version,
      correlationId,
      clientId,
    });
    encodeRequestHeader(writer, header, headerVersion);
    assert.deepEqual(codec.decodeRequest(reader, version), codec.makeRequest());
    codec.encodeRequest(writer, codec.makeRequest(), version);
  } else {
    assert.equal(decodeResponseHeader(reader, headerVersion).correlationId, vector.correlationId);
    assert.equal(reader.offset, 4 + vector.headerLength);
    encodeResponseHeader(writer, makeResponseHeader({ correlationId: vector.correlationId }), headerVersion);
    codec.decodeResponse(reader, vector.version);
    codec.encodeResponse(writer, codec.makeResponse(), vector.version);
  }
  assert.equal(reader.remaining, 0);
  assert.equal(toHex(writer.toBytes()), vector.hex.slice(8));
  return undefined;
};

function checkRequestHeader(vector: Vector, header: ReturnType<typeof decodeRequestHeader>): void {
  assert.equal(header.requestApiKey, vector.apiKey);
  assert.equal(header.requestApiVersion, vector.version);
  assert.equal(header.correlationId, vector.correlationId);
  assert.equal(header.clientId, vector.clientId);
}
