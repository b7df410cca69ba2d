// Why a request got no answer, or a connection did not come about. What a broker answers is never one of
// these.

/**
 * `connect-failed`: no connection. `disconnected`: it was lost, the outcome is unknown. `timed-out`: no
 * answer in time, the outcome is unknown. `unsupported-version`: the two ends share no version of the API;
 * nothing was sent. `too-large`: the broker announced a frame above the bound. `malformed`: bytes that are no
 * answer. `closed`: this end was closed.
 */
export type RpcFailure =
  | "connect-failed"
  | "disconnected"
  | "timed-out"
  | "unsupported-version"
  | "too-large"
  | "malformed"
  | "closed";

/** A request or a connection that failed. `address` is `host:port`. */
export class RpcError extends Error {
  override readonly name: string = "RpcError";
  readonly reason: RpcFailure;
  readonly address: string;
  /** The message without the address. */
  readonly reasonText: string;
  constructor(reason: RpcFailure, address: string, message: string, options?: { cause?: unknown }) {
    super(`${address}: ${message}`, options);
    this.reason = reason;
    this.address = address;
    this.reasonText = message;
  }
}
