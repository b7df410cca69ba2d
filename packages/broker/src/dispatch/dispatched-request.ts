// The context of one request, backed by its connection and its place in the order of answers.
import type { Authorizer } from "../authorizer/authorizer.ts";
import type { ClientConnection } from "../connection/client-connection.ts";
import type { ReplySlot } from "../connection/reply-slot.ts";
import type { AclOperationName, AclResourceTypeName, RequestContext } from "./request-context.ts";

/** Header fields of a request. */
export interface RequestHead {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** What a handler knows of a request that came by a connection. */
export class DispatchedRequest implements RequestContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly receivedMs: number;
  readonly connection: ClientConnection;
  readonly slot: ReplySlot;
  readonly #authorizer: Authorizer;

  constructor(
    head: RequestHead,
    receivedMs: number,
    connection: ClientConnection,
    slot: ReplySlot,
    authorizer: Authorizer,
  ) {
    this.apiKey = head.apiKey;
    this.apiVersion = head.apiVersion;
    this.correlationId = head.correlationId;
    this.clientId = head.clientId;
    this.receivedMs = receivedMs;
    this.connection = connection;
    this.slot = slot;
    this.#authorizer = authorizer;
  }

  get principal(): string {
    return this.connection.state.principal;
  }

  get listenerName(): string {
    return this.connection.listenerName;
  }

  get clientAddress(): string {
    return this.connection.remoteAddress;
  }

  allowed(
    operation: AclOperationName,
    resourceType: AclResourceTypeName,
    names: Iterable<string>,
  ): Set<string> {
    const allowed = new Set<string>();
    for (const name of names) if (this.isAllowed(operation, resourceType, name)) allowed.add(name);
    return allowed;
  }

  isAllowed(operation: AclOperationName, resourceType: AclResourceTypeName, name: string): boolean {
    const { principal, clientAddress } = this;
    return this.#authorizer.isAllowed({ principal, clientAddress, operation, resourceType, name });
  }

  appended(): void {
    this.slot.markAppended();
  }

  closeConnection(reason: string): void {
    this.slot.closeWhenReached(reason);
  }

  whenGone(gone: () => void): void {
    this.slot.whenGone(gone);
  }

  clientSoftware(name: string, version: string): void {
    this.connection.state.clientSoftwareName = name;
    this.connection.state.clientSoftwareVersion = version;
  }
}
