// Whether a request comes from the registered incarnation of a broker.
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { ControllerState } from "../controller-state.ts";

/** Null when it does. */
export function brokerEpochError(state: ControllerState, brokerId: number, epoch: bigint): ErrorSpec | null {
  const broker = state.image.cluster.brokers.get(brokerId);
  // Apache Kafka takes a broker that it does not know for one of an older life.
  if (broker === undefined) return errors.STALE_BROKER_EPOCH;
  return BigInt(broker.epoch) === epoch ? null : errors.STALE_BROKER_EPOCH;
}
