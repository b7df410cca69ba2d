// The producer id and epoch of an idempotent producer. The id comes from the cluster once; a new epoch is
// taken without asking, until there is none left and a new id is asked for.
import {
  apiKeys,
  decodeInitProducerIdResponse,
  encodeInitProducerIdRequest,
  errorForCode,
  errors,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
  makeInitProducerIdRequest,
} from "@ottla/protocol";
import type { RpcApi, RpcResult } from "@ottla/rpc";
import type { ClusterConnections } from "../cluster/cluster-connections.ts";
import { errorOfRpc, KafkaError } from "../errors/kafka-error.ts";
import type { BatchProducer } from "./producer-batch.ts";

const initProducerIdApi: RpcApi<InitProducerIdRequest, InitProducerIdResponse> = {
  key: apiKeys.InitProducerId,
  encodeRequest: encodeInitProducerIdRequest,
  decodeResponse: decodeInitProducerIdResponse,
};

const EPOCH_MAX = 0x7fff;
/** Without a transaction there is none to time out. */
const NO_TRANSACTION_TIMEOUT = 0x7fffffff;
const ORIGIN = "org.apache.kafka.clients.producer.internals.TransactionManager";

/** Who this producer is to brokers. */
export class ProducerIdentity {
  readonly #connections: ClusterConnections;
  readonly #changed: () => void;
  #producer: BatchProducer | null = null;
  #fatal: KafkaError | null = null;
  #isAsking = false;
  #failures = 0;

  /** `changed` is called when an id has come, or can never come. */
  constructor(connections: ClusterConnections, changed: () => void) {
    this.#connections = connections;
    this.#changed = changed;
  }

  /** Null until it is known; then the same object as long as it stays. */
  get producer(): BatchProducer | null {
    return this.#producer;
  }

  /** Why this producer cannot go on. */
  get fatal(): KafkaError | null {
    return this.#fatal;
  }

  /** Asks for an id unless there is one, or a question under way. */
  request(): void {
    if (this.#producer !== null || this.#isAsking || this.#fatal !== null) return;
    this.#isAsking = true;
    const request = () =>
      makeInitProducerIdRequest({ transactionalId: null, transactionTimeoutMs: NO_TRANSACTION_TIMEOUT });
    this.#connections.send("any", initProducerIdApi, request, {}, (result) => this.#answered(result));
  }

  /** A new epoch, or null when a new id has to come first. */
  nextEpoch(): BatchProducer | null {
    const present = this.#producer;
    if (present === null) return null;
    this.#producer = present.epoch < EPOCH_MAX ? { id: present.id, epoch: present.epoch + 1 } : null;
    if (this.#producer === null) this.request();
    return this.#producer;
  }

  #answered(result: RpcResult<InitProducerIdResponse>): void {
    const { logger } = this.#connections;
    if (result.kind === "response" && result.response.errorCode === errors.NONE.code) {
      const { producerId, producerEpoch } = result.response;
      this.#isAsking = false;
      this.#failures = 0;
      this.#producer = { id: Number(producerId), epoch: producerEpoch };
      logger.info(`ProducerId set to ${producerId} with epoch ${producerEpoch}`, ORIGIN);
      this.#changed();
      return;
    }
    const error =
      result.kind === "failed"
        ? errorOfRpc(result.error)
        : new KafkaError(errorForCode(result.response.errorCode));
    if (!error.isRetriable || this.#connections.isClosed) {
      this.#isAsking = false;
      this.#fatal = error;
      this.#changed();
      return;
    }
    const delayMs = this.#connections.retryBackOff.delayMs(this.#failures);
    this.#failures += 1;
    this.#connections.ports.timers.set(delayMs, () => {
      this.#isAsking = false;
      if (!this.#connections.isClosed) this.request();
    });
  }
}
