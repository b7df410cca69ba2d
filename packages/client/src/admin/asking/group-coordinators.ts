// Calls that each group's coordinator must answer: it is looked up, asked, and looked up again when it moved,
// is loading or was lost, until the time is over.
import { type ErrorSpec, errors } from "@ottla/protocol";
import { RpcError } from "@ottla/rpc";
import { delay } from "../../cluster/call.ts";
import type { ClusterNode } from "../../cluster/cluster-node.ts";
import { coordinatorTypes } from "../../cluster/coordinators.ts";
import { KafkaError, TimeoutError } from "../../errors/kafka-error.ts";
import type { AdminContext } from "../admin-context.ts";

/** Errors after which the coordinator is looked up again. */
const MOVED: ReadonlySet<ErrorSpec> = new Set<ErrorSpec>([
  errors.NOT_COORDINATOR,
  errors.COORDINATOR_NOT_AVAILABLE,
  errors.NETWORK_EXCEPTION,
  errors.BROKER_NOT_AVAILABLE,
]);

/** Whether the coordinator may answer otherwise soon; a rebalance passes, whatever the error table says. */
export function isCoordinatorBusy({ spec }: KafkaError): boolean {
  return (
    MOVED.has(spec) || spec === errors.COORDINATOR_LOAD_IN_PROGRESS || spec === errors.REBALANCE_IN_PROGRESS
  );
}

/** The question to one coordinator about one group; a thrown retriable `KafkaError` asks again. */
export type AskCoordinator<Value> = (coordinator: ClusterNode, deadlineMs: number) => Promise<Value>;

/** Asks the coordinator of one group. Rejects with `KafkaError`. */
export async function askCoordinator<Value>(
  context: AdminContext,
  name: string,
  groupId: string,
  deadlineMs: number,
  ask: AskCoordinator<Value>,
): Promise<Value> {
  const { connections, coordinators } = context;
  const type = coordinatorTypes.group;
  let cause: KafkaError | null = null;
  let tries = 0;
  for (let round = 0; ; round += 1) {
    if (round > 0) {
      const delayMs = connections.retryBackOff.delayMs(round - 1);
      await delay(connections, Math.min(delayMs, context.remainingMs(deadlineMs)));
    }
    if (context.remainingMs(deadlineMs) <= 0 || connections.isClosed) {
      throw new TimeoutError(timeoutText(context, name, deadlineMs, tries), cause === null ? {} : { cause });
    }
    try {
      const node = coordinators.known(type, groupId) ?? (await find(context, groupId));
      return await ask(node, deadlineMs);
    } catch (error) {
      if (!(error instanceof KafkaError) || error instanceof TimeoutError) throw error;
      if (!error.isRetriable && !isCoordinatorBusy(error)) throw error;
      if (MOVED.has(error.spec)) coordinators.forget(type, groupId);
      // What never left is no try.
      const { cause: failure } = error;
      if (!(failure instanceof RpcError) || failure.reason !== "connect-failed") tries += 1;
      cause = error;
    }
  }
}

function find(context: AdminContext, groupId: string): Promise<ClusterNode> {
  return new Promise((resolve, reject) => {
    context.coordinators.find(coordinatorTypes.group, groupId, (result) => {
      if (result instanceof KafkaError) reject(result);
      else resolve(result);
    });
  });
}

function timeoutText(context: AdminContext, name: string, deadlineMs: number, tries: number): string {
  const call = `${name}(api=FIND_COORDINATOR)`;
  if (tries === 0) return `Timed out waiting for a node assignment. Call: ${call}`;
  const wallMs = Math.round(context.connections.ports.clock.wallMs());
  const deadlineWallMs = Math.round(wallMs + deadlineMs - context.connections.nowMs());
  return (
    `Call(callName=${call}, deadlineMs=${deadlineWallMs}, tries=${tries}, nextAllowedTryMs=${wallMs}) ` +
    `timed out at ${wallMs} after ${tries} attempt(s)`
  );
}

/** Asks about many groups, side by side; results by group in the order of the question. */
export async function askCoordinators<Value>(
  groupIds: Iterable<string>,
  ask: (groupId: string) => Promise<Value>,
): Promise<Map<string, Value | KafkaError>> {
  const entries = Array.from(new Set(groupIds), async (groupId): Promise<[string, Value | KafkaError]> => {
    try {
      return [groupId, await ask(groupId)];
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return [groupId, error];
    }
  });
  return new Map(await Promise.all(entries));
}
