// KIP-345: once another member has an assignment under a static member's instance id, having joined after it,
// the former one neither heartbeats nor commits with success.
import type { GroupChecker } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";
import { tellingHeartbeats } from "./telling-heartbeats.ts";

const checker = "fenced-member-silent";

interface Successor {
  readonly memberId: string;
  readonly joinInvokedAt: number;
  readonly syncedAt: number;
}

export const fencedMemberSilent: GroupChecker = (history) => {
  /** By member id: where its first join began and where it was answered. */
  const joins = new Map<string, { readonly invokedAt: number; readonly at: number }>();
  const successors = new Map<string, Successor[]>();
  const commitsInvokedAt = new Map<number, number>();
  const telling = tellingHeartbeats(history);
  const anomalies: Anomaly[] = [];
  for (const [at, event] of history.entries()) {
    if (event.f === "commit" && event.type === "invoke") commitsInvokedAt.set(event.id, at);
    const isHeartbeat = event.f === "heartbeat" && telling.has(event);
    const isSuccess = isHeartbeat || (event.f === "commit" && event.type === "ok");
    if (event.f !== "join" && event.f !== "sync" && !isSuccess) continue;
    const { instanceId, memberId, group, process } = event;
    if (instanceId === null) continue;
    const place = `${group} ${instanceId}`;
    if (event.f === "join" && !joins.has(memberId)) joins.set(memberId, { invokedAt: event.invokedAt, at });
    const join = joins.get(memberId);
    if (join === undefined) continue;
    if (event.f === "sync") {
      const known = successors.get(place) ?? [];
      successors.set(place, [...known, { memberId, joinInvokedAt: join.invokedAt, syncedAt: at }]);
    }
    if (!isSuccess) continue;
    const invokedAt = event.f === "heartbeat" ? event.invokedAt : (commitsInvokedAt.get(event.id) ?? at);
    const by = (successors.get(place) ?? []).find(
      (successor) =>
        successor.memberId !== memberId &&
        successor.joinInvokedAt > join.at &&
        successor.syncedAt < invokedAt,
    );
    if (by === undefined) continue;
    const text = `${process} (${memberId}) was answered as ${instanceId} of ${group} after ${by.memberId} had taken its place`;
    anomalies.push({ checker, text });
    if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
  }
  return anomalies;
};
