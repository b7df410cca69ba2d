// What a client's caller gets when a call fails: always a KafkaError, with the protocol's error behind it,
// also for failures that no broker told of.
import { type ErrorSpec, errorForCode, errors } from "@ottla/protocol";
import type { RpcError } from "@ottla/rpc";

/** A failed call, or the failed part of one. `name` is the protocol's, such as UNKNOWN_TOPIC_OR_PARTITION. */
export class KafkaError extends Error {
  override readonly name: string;
  readonly spec: ErrorSpec;

  /** `message`: the broker's, if it gave one; the default is the error's meaning. */
  constructor(spec: ErrorSpec, message?: string | null, options?: { cause?: unknown }) {
    super(message ?? spec.meaning, options);
    this.name = spec.name;
    this.spec = spec;
  }

  get code(): number {
    return this.spec.code;
  }

  /** Whether the same call may succeed later. */
  get isRetriable(): boolean {
    return this.spec.retriable;
  }
}

/** The client gave up waiting. Messages are Apache Kafka's. */
export class TimeoutError extends KafkaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(errors.REQUEST_TIMED_OUT, message, options);
  }
}

/** The error behind a code, or null for NONE. */
export function kafkaErrorOf(code: number, message?: string | null): KafkaError | null {
  return code === errors.NONE.code ? null : new KafkaError(errorForCode(code), message);
}

/** A failure of the wire as a client's error. */
export function errorOfRpc(error: RpcError): KafkaError {
  switch (error.reason) {
    case "unsupported-version":
      return new KafkaError(errors.UNSUPPORTED_VERSION, error.reasonText, { cause: error });
    case "timed-out":
      return new KafkaError(errors.REQUEST_TIMED_OUT, error.message, { cause: error });
    case "too-large":
    case "malformed":
      return new KafkaError(errors.UNKNOWN_SERVER_ERROR, error.message, { cause: error });
    case "connect-failed":
    case "disconnected":
    case "closed":
      return new KafkaError(errors.NETWORK_EXCEPTION, error.message, { cause: error });
  }
}
