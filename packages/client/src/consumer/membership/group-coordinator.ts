// The way to the group's coordinator: found when needed, forgotten when it says that it is not the one or
// cannot be reached. A search that fails is tried again after a back-off; an error that will not pass is kept
// for the caller to throw.
import { errors } from "@ottla/protocol";
import type { RpcApi, RpcResult } from "@ottla/rpc";
import { nodeText } from "../../cluster/cluster-node.ts";
import { Coordinators, coordinatorTypes } from "../../cluster/coordinators.ts";
import type { LinkSendOptions } from "../../cluster/node-link.ts";
import { KafkaError } from "../../errors/kafka-error.ts";
import type { ConsumerContext } from "../consumer-context.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";

export class GroupCoordinator {
  readonly groupId: string;
  readonly #context: ConsumerContext;
  readonly #coordinators: Coordinators;
  #isSearching = false;
  #retryAtMs = 0;
  #failures = 0;
  #error: KafkaError | null = null;

  constructor(context: ConsumerContext, groupId: string) {
    this.#context = context;
    this.groupId = groupId;
    this.#coordinators = new Coordinators(context.connections);
  }

  get isKnown(): boolean {
    return this.#coordinators.known(coordinatorTypes.group, this.groupId) !== null;
  }

  /**
   * True when the coordinator is known; else looks for it, and the signal tells when to ask again. Throws
   * what a search met that will not pass.
   */
  ensureKnown(): boolean {
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
    const { connections } = this.#context;
    if (this.isKnown) return true;
    if (this.#isSearching || connections.nowMs() < this.#retryAtMs) return false;
    this.#isSearching = true;
    this.#coordinators.find(coordinatorTypes.group, this.groupId, (result) => {
      this.#isSearching = false;
      if (result instanceof KafkaError) this.#notFound(result);
      else {
        this.#failures = 0;
        this.#context.logger.info(`Discovered group coordinator ${nodeText(result)}`, ORIGIN);
      }
      this.#context.signal.notify();
    });
    return false;
  }

  /** The coordinator is not the one any more, or is gone. */
  forget(reason: string): void {
    const known = this.#coordinators.known(coordinatorTypes.group, this.groupId);
    if (known === null) return;
    this.#context.logger.info(
      `Group coordinator ${nodeText(known)} is unavailable or invalid due to cause: ${reason}. ` +
        "Rediscovery will be attempted.",
      ORIGIN,
    );
    this.#coordinators.forget(coordinatorTypes.group, this.groupId);
    this.#context.signal.notify();
  }

  /** One attempt, on the connection for coordinator traffic. A lost connection forgets the coordinator. */
  send<Request, Response>(
    api: RpcApi<Request, Response>,
    request: (version: number) => Request,
    options: LinkSendOptions,
    done: (result: RpcResult<Response>) => void,
  ): void {
    const known = this.#coordinators.known(coordinatorTypes.group, this.groupId);
    const target = { coordinator: known?.id ?? Number.NaN };
    this.#context.connections.send(target, api, request, options, (result) => {
      const isLost = result.kind === "failed" && result.error.reason !== "unsupported-version";
      if (isLost && result.error.reason !== "closed") this.forget(`${result.error.reason}`);
      done(result);
    });
  }

  /** Judges an answer's error code: a coordinator that says that it is none is forgotten. */
  notice(errorCode: number): void {
    if (errorCode === errors.NOT_COORDINATOR.code) this.forget("error response NOT_COORDINATOR");
    if (errorCode === errors.COORDINATOR_NOT_AVAILABLE.code) {
      this.forget("error response COORDINATOR_NOT_AVAILABLE");
    }
  }

  #notFound(error: KafkaError): void {
    const { connections, signal, logger } = this.#context;
    if (!error.isRetriable) {
      this.#error = error;
      return;
    }
    logger.debug(`Coordinator discovery failed: ${error.name}`, ORIGIN);
    const delayMs = connections.retryBackOff.delayMs(this.#failures);
    this.#failures += 1;
    this.#retryAtMs = connections.nowMs() + delayMs;
    signal.notifyAfter(delayMs);
  }
}
