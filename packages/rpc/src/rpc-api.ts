// One API as a caller sees it: its key and the two functions that a client needs. A caller names these
// functions itself, so that a program holds only the messages that it uses.
import type { ApiKey, Reader, Writer } from "@ottla/protocol";
import type { RpcError } from "./rpc-error.ts";

/** Key and codec of one API. */
export interface RpcApi<Request, Response> {
  readonly key: ApiKey;
  encodeRequest(writer: Writer, message: Request, version: number): void;
  decodeResponse(reader: Reader, version: number): Response;
}

/** Versions of one API, both ends inclusive. */
export interface ServedVersions {
  readonly min: number;
  readonly max: number;
}

/**
 * What became of a request. Byte fields of a response are views on memory of its own frame: they stay valid
 * for as long as they are held.
 */
export type RpcResult<Response> =
  | {
      readonly kind: "response";
      readonly response: Response;
      readonly version: number;
      readonly correlationId: number;
    }
  | { readonly kind: "failed"; readonly error: RpcError };
