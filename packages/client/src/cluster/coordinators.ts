// Which node coordinates a group or a transaction, remembered until an answer says otherwise.
import {
  errorForCode,
  errors,
  type FindCoordinatorResponse,
  makeFindCoordinatorRequest,
} from "@ottla/protocol";
import { errorOfRpc, KafkaError } from "../errors/kafka-error.ts";
import { findCoordinatorApi } from "./apis.ts";
import type { ClusterConnections } from "./cluster-connections.ts";
import type { ClusterNode } from "./cluster-node.ts";

/** FindCoordinator's key types. */
export const coordinatorTypes: {
  readonly group: 0;
  readonly transaction: 1;
  readonly share: 2;
} = { group: 0, transaction: 1, share: 2 };

/** One of `coordinatorTypes`. */
export type CoordinatorType = 0 | 1 | 2;

/** Coordinators found so far, by type and key. */
export class Coordinators {
  readonly #connections: ClusterConnections;
  readonly #found = new Map<string, number>();

  constructor(connections: ClusterConnections) {
    this.#connections = connections;
  }

  /** The coordinator if it is known and its address still is. */
  known(type: CoordinatorType, key: string): ClusterNode | null {
    const id = this.#found.get(entryOf(type, key));
    return id === undefined ? null : this.#connections.metadata.node(id);
  }

  /** Forgets the coordinator, as after NOT_COORDINATOR or a lost connection. */
  forget(type: CoordinatorType, key: string): void {
    this.#found.delete(entryOf(type, key));
  }

  /** One attempt to find the coordinator. `done` runs once, in a later turn. */
  find(type: CoordinatorType, key: string, done: (result: ClusterNode | KafkaError) => void): void {
    const request = (version: number) =>
      makeFindCoordinatorRequest(
        version >= 4 ? { keyType: type, coordinatorKeys: [key] } : { keyType: type, key },
      );
    this.#connections.send("any", findCoordinatorApi, request, {}, (result) => {
      if (result.kind === "failed") {
        done(errorOfRpc(result.error));
        return;
      }
      const found = coordinatorOf(result.response, result.version, key);
      if (!(found instanceof KafkaError)) {
        this.#connections.metadata.addNodes([found]);
        this.#found.set(entryOf(type, key), found.id);
      }
      done(found);
    });
  }
}

function entryOf(type: CoordinatorType, key: string): string {
  return `${type}:${key}`;
}

/** What an answer says about `key`. */
function coordinatorOf(
  response: FindCoordinatorResponse,
  version: number,
  key: string,
): ClusterNode | KafkaError {
  const found = version >= 4 ? response.coordinators.find((each) => each.key === key) : response;
  if (found === undefined) return new KafkaError(errors.COORDINATOR_NOT_AVAILABLE);
  if (found.errorCode !== errors.NONE.code) {
    return new KafkaError(errorForCode(found.errorCode), found.errorMessage);
  }
  return { id: found.nodeId, host: found.host, port: found.port, rack: null };
}
