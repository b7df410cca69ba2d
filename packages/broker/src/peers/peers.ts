// Requests from this broker to a broker or controller by node id. To this node it is a loopback: the same
// handler, as if the request had come by a connection, and the answer in a later turn. Not here yet:
// connections to other nodes.
import type { Pieces } from "@ottla/ports";
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { AnyApiEntry } from "../dispatch/api-entry.ts";
import type { AclOperationName, AclResourceTypeName, RequestContext } from "../dispatch/request-context.ts";

/** A response, or why there is none. */
export type PeerResult<Response> =
  | { readonly kind: "response"; readonly response: Response }
  | { readonly kind: "failed"; readonly error: ErrorSpec };

/** Sends requests to nodes. */
export interface Peers {
  /** `done` runs once, in a later turn. */
  send<Response>(
    nodeId: number,
    apiKey: number,
    request: unknown,
    done: (result: PeerResult<Response>) => void,
  ): void;
}

/** Peers of a cluster of one. */
export class LoopbackPeers implements Peers {
  readonly #nodeId: number;
  readonly #findApi: (apiKey: number) => AnyApiEntry | undefined;
  readonly #broker: () => BrokerServices;

  constructor(options: {
    readonly nodeId: number;
    readonly findApi: (apiKey: number) => AnyApiEntry | undefined;
    readonly broker: () => BrokerServices;
  }) {
    this.#nodeId = options.nodeId;
    this.#findApi = options.findApi;
    this.#broker = options.broker;
  }

  send<Response>(
    nodeId: number,
    apiKey: number,
    request: unknown,
    done: (result: PeerResult<Response>) => void,
  ): void {
    const broker = this.#broker();
    const { turn } = broker.ports;
    const entry = nodeId === this.#nodeId ? this.#findApi(apiKey) : undefined;
    turn.nextSlice(() => {
      if (entry === undefined) {
        done({ kind: "failed", error: errors.BROKER_NOT_AVAILABLE });
        return;
      }
      const context = new LoopbackRequest(entry, broker);
      entry.handler(broker, context, request, (response: Response | null, sent?: () => void) => {
        turn.nextSlice(() => {
          if (response === null) done({ kind: "failed", error: errors.UNKNOWN_SERVER_ERROR });
          else done({ kind: "response", response });
          sent?.();
        });
      });
    });
  }
}

/** The context of a request that this broker sends to itself. */
class LoopbackRequest implements RequestContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number = 0;
  readonly clientId: string | null = null;
  readonly principal: string = "User:ANONYMOUS";
  readonly listenerName: string;
  readonly clientAddress: string = "127.0.0.1";
  readonly receivedMs: number;
  readonly #broker: BrokerServices;

  constructor(entry: AnyApiEntry, broker: BrokerServices) {
    this.apiKey = entry.key;
    this.apiVersion = entry.maxVersion;
    this.listenerName = broker.config.interBrokerListenerName;
    this.receivedMs = broker.ports.clock.monotonicMs();
    this.#broker = broker;
  }

  /** The broker acts as the cluster. */
  allowed(_operation: AclOperationName, _type: AclResourceTypeName, names: Iterable<string>): Set<string> {
    return new Set(names);
  }

  isAllowed(): boolean {
    return true;
  }

  appended(): void {}

  closeConnection(): void {}

  whenGone(): void {}

  inSlices<Result>(pieces: Pieces<Result>, done: (result: Result) => void): void {
    this.#broker.slices.run("loopback", pieces, { done });
  }

  /** Nothing is written. */
  answersInSlices(): void {}

  takeBack(): boolean {
    return false;
  }

  /** A request without a frame: its views are its own. */
  keepFrame(): boolean {
    return true;
  }

  clientSoftware(): void {}
}
