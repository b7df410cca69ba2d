// The verdict over what clients of a real broker saw: the simulator's checkers, topic by topic, and counts.
import {
  type Anomaly,
  checkersFor,
  committedOffsetKept,
  committedOffsetNeverBack,
  type GroupEvent,
  type HistoryEvent,
} from "@ottla/testkit";
import { COMPACTED_TOPIC, compactedRules, PLAIN_TOPIC } from "./fault-clients.ts";

/** What a run comes to. */
export interface Verdict {
  readonly anomalies: readonly Anomaly[];
  /** Records. `lost`, `duplicated`: of the topic that keeps everything. */
  readonly attempts: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Of the compacted topic: acknowledged, and what the final read found of them. */
  readonly compacted: { readonly acknowledged: number; readonly left: number };
  readonly commits: number;
}

type Event = HistoryEvent | GroupEvent;

const OFFSETS_RETENTION_MS = 7 * 86_400_000;

/** Judges a finished history. */
export function judgeHistory(history: readonly Event[]): Verdict {
  const plain = eventsOf(history, PLAIN_TOPIC);
  const compacted = eventsOf(history, COMPACTED_TOPIC);
  const facts = {
    retentionMs: OFFSETS_RETENTION_MS,
    isUnconsumed: () => true,
    memberGroups: [],
    forgottenGroup: null,
  };
  const anomalies = [
    ...checkersFor(false, null).flatMap((check) => check(plain)),
    ...checkersFor(false, compactedRules).flatMap((check) => check(compacted)),
    ...[committedOffsetKept, committedOffsetNeverBack].flatMap((check) => check(history, facts)),
  ];
  const acked = new Set(valuesOf(plain, "ok"));
  const places = finalPlaces(plain);
  return {
    anomalies,
    attempts: valuesOf(plain, "invoke").length + valuesOf(compacted, "invoke").length,
    acknowledged: acked.size + valuesOf(compacted, "ok").length,
    lost: [...acked].filter((value) => !places.has(value)).length,
    duplicated: [...places.values()].filter((count) => count > 1).length,
    compacted: { acknowledged: valuesOf(compacted, "ok").length, left: finalPlaces(compacted).size },
    commits: history.filter((event) => event.f === "commit" && event.type === "ok").length,
  };
}

function eventsOf(history: readonly Event[], topic: string): HistoryEvent[] {
  return history.filter((event): event is HistoryEvent => {
    switch (event.f) {
      case "send":
      case "poll":
      case "assign":
      case "lookup":
      case "log-start":
      case "damage-told":
        return event.key.startsWith(`${topic}-`);
      case "topic":
        return event.topic === topic;
      default:
        return false;
    }
  });
}

function valuesOf(history: readonly HistoryEvent[], type: "invoke" | "ok"): number[] {
  return history.flatMap((event) => (event.f === "send" && event.type === type ? event.values : []));
}

/** In how many places the final read found each value. */
function finalPlaces(history: readonly HistoryEvent[]): Map<number, number> {
  const places = new Map<number, number>();
  for (const event of history) {
    if (event.f !== "poll" || event.process !== "final") continue;
    for (const { value } of event.records) places.set(value, (places.get(value) ?? 0) + 1);
  }
  return places;
}
