// One row of the table of served APIs: what dispatch must know to take a request from bytes to a handler and
// its answer back to bytes. Not here: which rows there are (api-table.ts).
import {
  type ApiCodec,
  type ErrorSpec,
  findApi,
  type RequestDecoderInPieces,
  type ResponseEncoderInPieces,
  requestDecodersInPieces,
  responseEncodersInPieces,
} from "@ottla/protocol";
import type { Handler } from "./handler.ts";
import type { AclOperationName } from "./request-context.ts";

/** Which sockets serve an API. */
export type ListenerRole = "broker" | "controller";

/**
 * Who checks permissions: the handler, resource by resource, or dispatch, one operation on the cluster for
 * the whole request.
 */
export type Authorise = "handler" | "none" | { readonly onCluster: AclOperationName };

/** The quota that a request counts against. */
export type QuotaKind = "produce" | "fetch" | "request" | "controller-mutation" | "exempt";

/** What happens when a handler throws something that is no protocol error. */
export type OnBug =
  /**
   * State cannot be harmed, since the handler only reads or hands over: the client gets UNKNOWN_SERVER_ERROR.
   */
  | "answer"
  /** State may be half changed: the process stops, and recovery decides from what is on disk. */
  | "halt";

/** What a row decides; versions, flexibility and names come from Kafka's facts. */
export interface ApiRow<Request, Response> {
  readonly handler: Handler<Request, Response>;
  /** The answer when the whole request fails; names every item that was asked for, as that API does. */
  readonly errorReply: (
    request: Request,
    error: ErrorSpec,
    message: string | null,
    apiVersion: number,
  ) => Response;
  readonly authorise: Authorise;
  readonly quota: QuotaKind;
  readonly onBug: OnBug;
  readonly listeners: readonly ListenerRole[];
  /** Goes to the controller when this node is none. */
  readonly forward?: boolean;
  /** Where the codec's response is made by hand. */
  readonly encodeInPieces?: ResponseEncoderInPieces;
  /** Narrower than what the codec knows. */
  readonly versions?: { readonly min?: number; readonly max?: number };
  /** Advertised below what is served. */
  readonly advertisedMin?: number;
}

/** A served API. */
export interface ApiEntry<Request, Response>
  extends Omit<ApiRow<Request, Response>, "versions" | "encodeInPieces"> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly codec: ApiCodec<Request, Response>;
  /** Null where no request is large by what it names, or no response. */
  readonly decodeInPieces: RequestDecoderInPieces | null;
  readonly encodeInPieces: ResponseEncoderInPieces | null;
}

/** An entry whose message types were forgotten; only its own codec makes its messages. */
// biome-ignore lint/suspicious/noExplicitAny: the table holds entries of different messages; dispatch passes
// each only its own.
export type AnyApiEntry = ApiEntry<any, any>;

/** Completes a row with Kafka's facts. */
export function apiEntry<Request, Response>(
  key: number,
  codec: ApiCodec<Request, Response>,
  row: ApiRow<Request, Response>,
): ApiEntry<Request, Response> {
  const fact = findApi(key);
  if (fact === undefined) throw new Error(`no API has key ${key}`);
  const { versions, encodeInPieces, ...rest } = row;
  return {
    ...rest,
    key,
    name: fact.name,
    minVersion: versions?.min ?? fact.minVersion,
    maxVersion: versions?.max ?? fact.latestStable,
    codec,
    decodeInPieces: requestDecodersInPieces.get(key) ?? null,
    encodeInPieces: encodeInPieces ?? responseEncodersInPieces.get(key) ?? null,
  };
}
