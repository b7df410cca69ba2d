// What a handler knows of a request besides its body. Handlers never look at the connection: who asks, by
// which listener, and what they may see is decided before the handler runs.
import type { Pieces } from "@ottla/ports";

/** Operations an authorizer knows, by Kafka's names. */
export type AclOperationName =
  | "READ"
  | "WRITE"
  | "CREATE"
  | "DELETE"
  | "ALTER"
  | "DESCRIBE"
  | "CLUSTER_ACTION"
  | "DESCRIBE_CONFIGS"
  | "ALTER_CONFIGS"
  | "IDEMPOTENT_WRITE";

/** Kinds of resources an authorizer knows, by Kafka's names. */
export type AclResourceTypeName =
  | "TOPIC"
  | "GROUP"
  | "CLUSTER"
  | "TRANSACTIONAL_ID"
  | "DELEGATION_TOKEN"
  | "USER";

/** The name of the one resource of type CLUSTER. */
export const clusterResourceName = "kafka-cluster";

/** Who asks, how, and until when an answer is of use. */
export interface RequestContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** `User:ANONYMOUS` on a plaintext listener. */
  readonly principal: string;
  readonly listenerName: string;
  readonly clientAddress: string;
  /** Monotonic time of the last byte of the frame. */
  readonly receivedMs: number;
  /** The subset of `names` on which `operation` is allowed; order kept. */
  allowed(
    operation: AclOperationName,
    resourceType: AclResourceTypeName,
    names: Iterable<string>,
  ): Set<string>;
  isAllowed(operation: AclOperationName, resourceType: AclResourceTypeName, name: string): boolean;
  /**
   * Produce only: this request's batches stand in the log, though its answer may still wait for an ack; the
   * next Produce of the connection may start. No effect once answered, and none for other APIs.
   */
  appended(): void;
  /**
   * Ends the connection once everything asked before this request was answered; no further request of it
   * starts (acks=0 failures).
   */
  closeConnection(reason: string): void;
  /**
   * Runs `gone` once when the connection ends before this request was answered, so that whatever waits for it
   * unlinks itself. At most one `gone` per request.
   */
  whenGone(gone: () => void): void;
  /**
   * Runs work over everything that the request names, in slices when there is much; `done` runs before the
   * return when there is little. It ends with the connection; what it throws fails the request as a throw of
   * the handler does. The work may use views in the request after `keepFrame`.
   */
  inSlices<Result>(pieces: Pieces<Result>, done: (result: Result) => void): void;
  /** The answer may be very long and is written in slices, as is one whose work took more than a slice. */
  answersInSlices(): void;
  /** Forgets an answer that is still being written, so that another can be given; false: it is given. */
  takeBack(): boolean;
  /**
   * True: views in the request stay valid until the answer, or until a Produce has appended. False: whoever
   * needs them after the call copies them.
   */
  keepFrame(): boolean;
  /** What the peer said of itself in ApiVersions; for logs and metrics alone. */
  clientSoftware(name: string, version: string): void;
}
