// Records whose deletion was acknowledged are gone: whoever asks after that is told a log start that is not
// lower, and gets none of them. And a log start moves only as far as somebody or something moves it.
import {
  type Anomaly,
  anomaliesPerCheckerMax,
  type Checker,
  type DeleteRecordsEvent,
  type HistoryEvent,
} from "../../history.ts";
import type { TrimRules } from "./trim-rules.ts";

const checker = "deleted-for-good";

export function deletedForGood(rules: TrimRules): Checker {
  return (history) => judge(history, rules).slice(0, anomaliesPerCheckerMax);
}

function judge(history: readonly HistoryEvent[], rules: TrimRules): Anomaly[] {
  const deletions = history.filter((event) => event.f === "delete-records");
  const movesByItself = rules.retentionMs >= 0 || rules.hasSizeRetention;
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "log-start" && event.f !== "poll") continue;
    const { process, key, askedMs, timeMs } = event;
    const deletedTo = endOf(deletions, key, askedMs);
    const first = event.f === "poll" ? event.records[0]?.offset : event.offset;
    if (first !== undefined && first < deletedTo) {
      const what = event.f === "poll" ? "a record" : "a log start";
      anomalies.push({
        checker,
        text: `${process} was given ${what} ${key}@${first}, deleted to ${deletedTo}`,
      });
    }
    if (event.f === "poll" || movesByItself) continue;
    if (event.offset > askedEndOf(deletions, key, timeMs)) {
      anomalies.push({ checker, text: `${key} starts at ${event.offset}, which nobody asked for` });
    }
  }
  return anomalies;
}

function endOf(deletions: readonly DeleteRecordsEvent[], key: string, beforeMs: number): number {
  const acked = deletions.filter((each) => each.type === "ok" && each.key === key && each.timeMs < beforeMs);
  return Math.max(0, ...acked.map(({ offset }) => offset));
}

/** The highest log start that was asked for; -1 asks for the high watermark. */
function askedEndOf(deletions: readonly DeleteRecordsEvent[], key: string, beforeMs: number): number {
  const asked = deletions.filter((each) => each.key === key && each.timeMs <= beforeMs);
  if (asked.some(({ type, offset }) => type === "invoke" && offset < 0)) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...asked.map(({ offset }) => offset));
}
