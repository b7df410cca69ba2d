// Calls that a quota of the controller may refuse for some of the things they name: those are asked for again
// until the time is over (KIP-599). How long to wait between is the connection's, which the answer muted.
import { errors } from "@ottla/protocol";
import { delay } from "../../cluster/call.ts";
import { KafkaError, TimeoutError } from "../../errors/kafka-error.ts";
import type { AdminContext } from "../admin-context.ts";
import type { CallOptions } from "../admin-types.ts";

/** Options of calls that a quota may refuse. */
export interface QuotaOptions extends CallOptions {
  /** Default true: what the quota refuses is tried again. */
  readonly retryOnQuotaViolation?: boolean;
}

/**
 * Results of all `things`, in their order. `attempt` is given those that are still open; its results are by
 * `nameOf`.
 */
export async function retryQuota<Thing, Value>(
  context: AdminContext,
  things: readonly Thing[],
  nameOf: (thing: Thing) => string,
  deadlineMs: number,
  options: QuotaOptions,
  attempt: (open: readonly Thing[]) => Promise<Map<string, Value | KafkaError>>,
): Promise<Map<string, Value | KafkaError>> {
  const results = await attempt(things);
  if (options.retryOnQuotaViolation === false) return results;
  const isRefused = (thing: Thing): boolean => {
    const result = results.get(nameOf(thing));
    return result instanceof KafkaError && result.spec === errors.THROTTLING_QUOTA_EXCEEDED;
  };
  for (let round = 0, open = things.filter(isRefused); open.length > 0; round += 1) {
    const delayMs = context.connections.retryBackOff.delayMs(round);
    if (context.remainingMs(deadlineMs) <= delayMs) break;
    await delay(context.connections, delayMs);
    try {
      for (const [name, result] of await attempt(open)) results.set(name, result);
    } catch (error) {
      // The refusal says more than that the time is over.
      if (error instanceof TimeoutError) break;
      throw error;
    }
    open = open.filter(isRefused);
  }
  return results;
}
