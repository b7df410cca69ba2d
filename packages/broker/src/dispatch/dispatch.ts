// From a frame to its handler and from the handler's answer to the connection: look up the API, check the
// version and the connection's authentication, decode, authorise, call, encode. Large requests are decoded in
// slices of the loop, long answers encoded so. What a peer sends wrong ends its connection; what a handler
// throws becomes that API's error reply. Not here: which APIs there are (api-table.ts), order of answers
// (connection/).

import {
  apiKeys,
  DecodeError,
  decodeRequestHeader,
  type ErrorSpec,
  encodeApiVersionsResponse,
  errors,
  KafkaError,
  makeApiVersionsResponse,
  makeApiVersionsResponseApiVersion,
  Reader,
  type RequestDecoderInPieces,
  type ResponseEncoderInPieces,
  requestHeaderVersion,
  Writer,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { ClientConnection } from "../connection/client-connection.ts";
import type { ReplySlot } from "../connection/reply-slot.ts";
import { dispatchLimits } from "../limits.ts";
import { loggerNames } from "../logger-names.ts";
import type { ApiMetrics } from "../metrics/request-metrics.ts";
import type { AnyApiEntry } from "./api-entry.ts";
import { findServedApi } from "./api-table.ts";
import { DispatchedRequest } from "./dispatched-request.ts";
import { type EncodedReply, encodeReply, encodeReplyInPieces } from "./encode-reply.ts";
import { clusterResourceName } from "./request-context.ts";

/** Key, version and correlation id: what every header begins with. */
const headBytesMin = 8;

/** Takes the requests of a broker. */
export class Dispatcher {
  readonly #broker: BrokerServices;
  readonly #nowMs: () => number;
  /** One for all replies: a fresh one costs five times what a small reply does. */
  readonly #writer = new Writer(dispatchLimits.replyChunkBytes);

  constructor(broker: BrokerServices) {
    this.#broker = broker;
    this.#nowMs = () => broker.ports.clock.monotonicMs();
  }

  /** Answers the slot, now or later. The frame is valid during the call only. */
  readonly start = (connection: ClientConnection, slot: ReplySlot, frame: Uint8Array): void => {
    const { refused } = this.#broker.metrics.requests;
    if (frame.length < headBytesMin) {
      refused.get("malformed")?.add(1);
      this.#close(connection, slot, "closing a connection: a frame is too short for a header", {
        bytes: frame.length,
      });
      return;
    }
    const reader = new Reader(frame);
    const apiKey = reader.view.getInt16(0);
    const version = reader.view.getInt16(2);
    const entry = findServedApi(apiKey, this.#broker.listenerRole(connection.listenerName));
    if (entry === undefined) {
      refused.get("unknown-api")?.add(1);
      this.#close(connection, slot, "closing a connection: API not served here", { apiKey, version });
    } else if (version < entry.minVersion || version > entry.maxVersion) {
      if (apiKey === apiKeys.ApiVersions)
        slot.answer([unsupportedApiVersions(entry, reader.view.getInt32(4))], null);
      else {
        refused.get("unsupported-version")?.add(1);
        this.#close(connection, slot, "closing a connection: unsupported version", { apiKey, version });
      }
    } else if (!connection.state.isAuthenticated) {
      refused.get("unauthenticated")?.add(1);
      this.#close(connection, slot, "closing a connection: not authenticated", { apiKey });
    } else this.#handle(entry, connection, slot, reader, version);
  };

  #handle(
    entry: AnyApiEntry,
    connection: ClientConnection,
    slot: ReplySlot,
    reader: Reader,
    version: number,
  ): void {
    const frameBytes = reader.end;
    const receivedMs = this.#nowMs();
    let request: unknown;
    let context: DispatchedRequest;
    const metrics = this.#broker.metrics.requests.api(entry.key, entry.name);
    try {
      const header = decodeRequestHeader(reader, requestHeaderVersion(entry.key, version));
      context = new DispatchedRequest(entry.name, header, receivedMs, connection, slot, this.#broker);
      if (frameBytes > dispatchLimits.decodedWholeBytesMax && entry.decodeInPieces !== null) {
        // A frame that may be overwritten after the call is small enough to be decoded within it.
        if (slot.keepFrame()) {
          metrics.bytesIn.add(frameBytes);
          this.#decodeInSlices(entry, context, metrics, reader);
          return;
        }
      }
      request = entry.codec.decodeRequest(reader, version);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#malformed(entry, connection, slot, version, error);
      return;
    }
    metrics.bytesIn.add(frameBytes);
    this.#call(entry, context, request, metrics);
    metrics.stepTook(this.#nowMs() - receivedMs);
  }

  #decodeInSlices(entry: AnyApiEntry, context: DispatchedRequest, metrics: ApiMetrics, reader: Reader): void {
    const { connection, slot, apiVersion } = context;
    context.failed = (error) => {
      if (!(error instanceof DecodeError)) throw error;
      this.#malformed(entry, connection, slot, apiVersion, error);
    };
    const pieces = (entry.decodeInPieces as RequestDecoderInPieces)(reader, apiVersion);
    context.inSlices(pieces, (request) => {
      this.#call(entry, context, request, metrics);
      context.called();
    });
  }

  #malformed(
    entry: AnyApiEntry,
    connection: ClientConnection,
    slot: ReplySlot,
    version: number,
    error: DecodeError,
  ): void {
    this.#broker.metrics.requests.refused.get("malformed")?.add(1);
    this.#close(connection, slot, "closing a connection: malformed request", {
      api: entry.name,
      version,
      reason: error.message,
    });
  }

  #call(entry: AnyApiEntry, context: DispatchedRequest, request: unknown, metrics: ApiMetrics): void {
    const reply = (response: unknown, sent?: () => void): void =>
      this.#reply(entry, context, metrics, response, sent ?? null);
    const fail = (error: ErrorSpec, message: string | null): void =>
      this.#reply(
        entry,
        context,
        metrics,
        entry.errorReply(request, error, message, context.apiVersion),
        null,
      );
    if (typeof entry.authorise === "object") {
      const { onCluster } = entry.authorise;
      if (!context.isAllowed(onCluster, "CLUSTER", clusterResourceName)) {
        fail(errors.CLUSTER_AUTHORIZATION_FAILED, null);
        return;
      }
    }
    context.failed = (error) => {
      if (error instanceof KafkaError && !context.slot.isAnswered) {
        fail(error.spec, error.message);
        return;
      }
      this.#bug(entry, metrics, error);
      if (!context.slot.isAnswered) fail(errors.UNKNOWN_SERVER_ERROR, null);
    };
    try {
      entry.handler(this.#broker, context, request, reply);
    } catch (error) {
      context.failed(error);
    }
  }

  #reply(
    entry: AnyApiEntry,
    context: DispatchedRequest,
    metrics: ApiMetrics,
    response: unknown,
    sent: (() => void) | null,
  ): void {
    metrics.totalMs.observe(this.#nowMs() - context.receivedMs);
    if (response === null) {
      context.slot.answer([], sent);
      return;
    }
    const { apiVersion, correlationId, slot } = context;
    const lost = (error: unknown): void => {
      // The handler did its work; only its answer is lost, and with it the order of answers.
      this.#bug(entry, metrics, error);
      slot.closeWhenReached("a reply could not be encoded");
      slot.answer([], sent);
    };
    if (context.isLong && isEncodedInPieces(entry)) {
      const writer = new Writer(dispatchLimits.longReplyChunkBytes);
      context.failed = lost;
      const pieces = encodeReplyInPieces(writer, entry, apiVersion, correlationId, response);
      context.writeInSlices(pieces, sent, ({ parts, bytes }) => {
        metrics.bytesOut.add(bytes);
        slot.answer(parts, sent);
      });
      return;
    }
    let encoded: EncodedReply;
    try {
      encoded = encodeReply(this.#writer, entry, apiVersion, correlationId, response);
    } catch (error) {
      lost(error);
      return;
    }
    metrics.bytesOut.add(encoded.bytes);
    slot.answer(encoded.parts, sent);
  }

  /**
   * Whether the process goes on is the row's decision: a handler that changes state may have changed half of
   * it.
   */
  #bug(entry: AnyApiEntry, metrics: ApiMetrics, error: unknown): void {
    metrics.bugs.add(1);
    const stack = error instanceof Error ? error.stack : String(error);
    this.#broker.loggers.named(loggerNames.requests).error("a handler failed", { api: entry.name, stack });
    if (entry.onBug === "halt")
      this.#broker.ports.process.halt(1, `handler of ${entry.name} failed: ${stack}`);
  }

  #close(
    connection: ClientConnection,
    slot: ReplySlot,
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    this.#broker.complaints.warn(this.#nowMs(), connection.remoteAddress, message, fields);
    slot.closeWhenReached(message);
    slot.answer([], null);
  }
}

function isEncodedInPieces(
  entry: AnyApiEntry,
): entry is AnyApiEntry & { readonly encodeInPieces: ResponseEncoderInPieces } {
  return entry.encodeInPieces !== null;
}

/** The answer to a version of ApiVersions that is not served: version 0, with the range that is (KIP-511). */
function unsupportedApiVersions(entry: AnyApiEntry, correlationId: number): Uint8Array {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  const { key, minVersion, maxVersion } = entry;
  const own = makeApiVersionsResponseApiVersion({ apiKey: key, minVersion, maxVersion });
  const errorCode = errors.UNSUPPORTED_VERSION.code;
  encodeApiVersionsResponse(writer, makeApiVersionsResponse({ errorCode, apiKeys: [own] }), 0);
  const bytes = writer.toBytes();
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4);
  return bytes;
}
