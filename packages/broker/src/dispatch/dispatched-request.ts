// The context of one request, backed by its connection and its place in the order of answers. Long work of
// the request, and the writing of a long answer, end with the connection.
import type { Pieces, SlicedWork, Slices } from "@ottla/ports";
import type { RequestHeader } from "@ottla/protocol";
import type { Authorizer } from "../authorizer/authorizer.ts";
import type { ClientConnection } from "../connection/client-connection.ts";
import type { ReplySlot } from "../connection/reply-slot.ts";
import type { AclOperationName, AclResourceTypeName, RequestContext } from "./request-context.ts";

/** What a request needs besides its connection. */
export interface RequestServices {
  readonly authorizer: Authorizer;
  readonly slices: Slices;
}

/** An answer that is being written. */
interface LongReply {
  readonly work: SlicedWork;
  readonly sent: (() => void) | null;
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
  /** Work of this request that throws ends here. */
  failed: (error: unknown) => void = throwOn;
  readonly #services: RequestServices;
  readonly #apiName: string;
  #isLong = false;
  #keepsFrame = false;
  #longReply: LongReply | null = null;

  constructor(
    apiName: string,
    header: RequestHeader,
    receivedMs: number,
    connection: ClientConnection,
    slot: ReplySlot,
    services: RequestServices,
  ) {
    this.apiKey = header.requestApiKey;
    this.apiVersion = header.requestApiVersion;
    this.correlationId = header.correlationId;
    this.clientId = header.clientId;
    this.receivedMs = receivedMs;
    this.connection = connection;
    this.slot = slot;
    this.#services = services;
    this.#apiName = apiName;
  }

  /** The answer is written in slices. */
  get isLong(): boolean {
    return this.#isLong;
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
    return this.#services.authorizer.isAllowed({ principal, clientAddress, operation, resourceType, name });
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

  inSlices<Result>(pieces: Pieces<Result>, done: (result: Result) => void): void {
    // Almost every request is one piece, and pays for no more than that.
    const first = pieces.next();
    if (first.done === true) {
      done(first.value);
      return;
    }
    const work = this.#run(pieces, done);
    if (work.isEnded) return;
    this.#isLong = true;
    this.slot.whenGone(() => work.cancel());
  }

  answersInSlices(): void {
    this.#isLong = true;
  }

  /** Writes a long answer; `done` gets it whole. `sent` runs when it is taken back or nobody waits for it. */
  writeInSlices<Result>(
    pieces: Pieces<Result>,
    sent: (() => void) | null,
    done: (written: Result) => void,
  ): void {
    const work = this.#run(pieces, (written) => {
      this.#longReply = null;
      done(written);
    });
    if (work.isEnded) return;
    this.#longReply = { work, sent };
    this.slot.whenGone(() => this.takeBack());
  }

  takeBack(): boolean {
    const reply = this.#longReply;
    if (reply === null) return false;
    this.#longReply = null;
    reply.work.cancel();
    reply.sent?.();
    return true;
  }

  keepFrame(): boolean {
    this.#keepsFrame = this.slot.keepFrame();
    return this.#keepsFrame;
  }

  /** The handler's call is over: only who asked for it needs the frame any longer. */
  called(): void {
    if (!this.#keepsFrame) this.slot.releaseFrame();
  }

  #run<Result>(pieces: Pieces<Result>, done: (result: Result) => void): SlicedWork {
    const failed = (error: unknown): void => this.failed(error);
    return this.#services.slices.run(this.#apiName, pieces, {
      done: (result) => {
        try {
          done(result);
        } catch (error) {
          failed(error);
        }
      },
      failed,
    });
  }

  clientSoftware(name: string, version: string): void {
    this.connection.state.clientSoftwareName = name;
    this.connection.state.clientSoftwareVersion = version;
  }
}

function throwOn(error: unknown): void {
  throw error;
}
