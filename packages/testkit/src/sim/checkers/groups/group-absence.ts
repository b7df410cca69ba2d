// When a group may have been gone, with its generation and its offsets: deleted by an administrator, or
// expired after it had been without members for the whole retention by the broker's wall clock; one without
// offsets expires at once. A group certainly has members from a heartbeat of one of them until that one's
// session would end or it goes.
import type { GroupFacts, GroupHistory } from "../../group-history.ts";
import type { OffsetWrites } from "./offset-writes.ts";
import { tellingHeartbeats } from "./telling-heartbeats.ts";

/** Sessions of one member that may run at once: it heartbeats several times in each. */
const KEPT_INTERVALS = 20;

interface Interval {
  readonly fromMs: number;
  toMs: number;
}

/** What is known about the presence of groups. */
export class GroupAbsence {
  readonly #writes: OffsetWrites;
  readonly #facts: GroupFacts;
  readonly #retentionMs: number;
  readonly #jumps: { readonly atMs: number; readonly jumpMs: number }[] = [];
  readonly #present = new Map<string, Interval[]>();
  readonly #timesMs: readonly number[];

  constructor(history: GroupHistory, writes: OffsetWrites, facts: GroupFacts) {
    this.#writes = writes;
    this.#facts = facts;
    this.#retentionMs = facts.retentionMs;
    this.#timesMs = history.map(({ timeMs }) => timeMs);
    const telling = tellingHeartbeats(history);
    const ofProcess = new Map<string, Interval[]>();
    for (const event of history) {
      if (event.f === "clock") this.#jumps.push({ atMs: event.timeMs, jumpMs: event.jumpMs });
      if (event.f === "gone") {
        const ending = ofProcess.get(`${event.group} ${event.process}`) ?? [];
        for (const interval of ending.splice(0)) interval.toMs = Math.min(interval.toMs, event.timeMs);
      }
      if (event.f !== "sync" && !(event.f === "heartbeat" && telling.has(event))) continue;
      const interval = {
        fromMs: event.timeMs,
        // A heartbeat renews the session; who only fetches its assignment may have had the rest of one.
        toMs: Math.max(event.timeMs, event.f === "heartbeat" ? event.invokedMs + event.sessionMs : 0),
      };
      const name = `${event.group} ${event.process}`;
      ofProcess.set(name, [...(ofProcess.get(name) ?? []).slice(-KEPT_INTERVALS), interval]);
      const intervals = this.#present.get(event.group);
      if (intervals === undefined) this.#present.set(event.group, [interval]);
      else intervals.push(interval);
    }
  }

  /** Whether the group may have been gone between two places of the history. */
  mayHaveGone(group: string, fromAt: number, toAt: number): boolean {
    const isDeleted = this.#writes
      .groupDeletions(group)
      .some(({ invokedAt, doneAt }) => invokedAt <= toAt && doneAt >= fromAt);
    return isDeleted || this.#mayHaveExpired(group, this.#timeMs(fromAt), this.#timeMs(toAt));
  }

  /** By the broker's wall clock, at most, from a time of the world to a place of the history. */
  elapsedSince(fromMs: number, toAt: number): number {
    return this.#wallElapsedMs(fromMs, this.#timeMs(toAt));
  }

  #wallElapsedMs(fromMs: number, toMs: number): number {
    const marks = [
      fromMs,
      ...this.#jumps.filter(({ atMs }) => atMs > fromMs && atMs <= toMs).map(({ atMs }) => atMs),
    ];
    // A clock that went back and then forward again counts from its lowest.
    let most = 0;
    for (const mark of marks) {
      for (const end of [...marks.slice(1), toMs]) {
        if (end >= mark) most = Math.max(most, this.#wallMs(end) - this.#wallBeforeMs(mark, mark === fromMs));
      }
    }
    return most;
  }

  #mayHaveExpired(group: string, fromMs: number, toMs: number): boolean {
    let coveredToMs = 0;
    for (const { fromMs: beginMs, toMs: endMs } of this.#present.get(group) ?? []) {
      if (coveredToMs > toMs) return false;
      const isGap = beginMs > coveredToMs && beginMs > fromMs;
      if (isGap && this.#mayExpireIn(group, coveredToMs, Math.min(beginMs, toMs))) return true;
      coveredToMs = Math.max(coveredToMs, endMs);
    }
    return coveredToMs < toMs && this.#mayExpireIn(group, coveredToMs, toMs);
  }

  /** In a time without members. */
  #mayExpireIn(group: string, fromMs: number, toMs: number): boolean {
    if (this.#wallElapsedMs(fromMs, toMs) >= this.#retentionMs) return true;
    // Where clocks jump, its offsets may have expired in an earlier gap.
    return this.#jumps.length > 0 || !this.#hasOffsets(group, fromMs, toMs);
  }

  /** For certain, all through a time. */
  #hasOffsets(group: string, fromMs: number, toMs: number): boolean {
    const deletions = this.#writes.groupDeletions(group);
    return [...this.#writes.keys(group)].some((key) =>
      this.#writes.commits(group, key).some(({ outcome, invokedAt, doneAt }) => {
        if (outcome !== "ok" || this.#timeMs(doneAt) > fromMs || this.#facts.isUnconsumed(key)) return false;
        return !deletions.some((deletion) => deletion.doneAt >= invokedAt && deletion.invokedMs <= toMs);
      }),
    );
  }

  #wallMs(ms: number): number {
    let wallMs = ms;
    for (const { atMs, jumpMs } of this.#jumps) if (atMs <= ms) wallMs += jumpMs;
    return wallMs;
  }

  /** At a jump both sides of it count. */
  #wallBeforeMs(ms: number, isStart: boolean): number {
    const afterMs = this.#wallMs(ms);
    if (isStart) return afterMs;
    const jumps = this.#jumps.filter(({ atMs }) => atMs === ms).reduce((sum, { jumpMs }) => sum + jumpMs, 0);
    return Math.min(afterMs, afterMs - jumps);
  }

  #timeMs(at: number): number {
    return this.#timesMs[Math.min(at, this.#timesMs.length - 1)] ?? 0;
  }
}
