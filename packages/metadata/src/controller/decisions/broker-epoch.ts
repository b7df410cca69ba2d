// Whether a request comes from the registered incarnation of a broker.
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { ControllerState } from "../controller-state.ts";

/** Null when it does. */
export function brokerEpochError(state: ControllerState, brokerId: number, epoch: bigint): ErrorSpec | null {
  const broker = state.image.cluster.brokers.get(brokerId);
  if (broker === undefined) return errors.BROKER_ID_NOT_REGISTERED;
  return BigInt(broker.epoch) === epoch ? null : errors.STALE_BROKER_EPOCH;
}
