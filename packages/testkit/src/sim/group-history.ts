// What members of groups and their administrators did and saw. An operation's event stands where it ended;
// `invokedAt` is the length of the history when it began, so that "ended before another began" is a
// comparison of places.
import type { Anomaly, HistoryEvent, Key } from "./history.ts";

/** Who acts in a group. */
export interface MemberIdentity {
  readonly process: string;
  readonly group: string;
  /** Of a static member. */
  readonly instanceId: string | null;
  readonly memberId: string;
  readonly generation: number;
}

/** A member was told a generation (JoinGroup). */
export interface JoinEvent extends MemberIdentity {
  readonly f: "join";
  readonly invokedAt: number;
  readonly timeMs: number;
}

/** A member was given its assignment: the generation is stable. */
export interface SyncEvent extends MemberIdentity {
  readonly f: "sync";
  readonly keys: readonly Key[];
  readonly sessionMs: number;
  readonly invokedAt: number;
  readonly invokedMs: number;
  readonly timeMs: number;
}

/** A heartbeat that was answered without an error. */
export interface HeartbeatEvent extends MemberIdentity {
  readonly f: "heartbeat";
  readonly sessionMs: number;
  readonly invokedAt: number;
  readonly invokedMs: number;
  readonly timeMs: number;
}

/** A member is about to go of its own will, or its process is gone. */
export interface GoneEvent {
  readonly f: "gone";
  readonly process: string;
  readonly group: string;
  readonly timeMs: number;
}

/**
 * A commit begins, or ends: `ok`, `fail` (certainly not done) or `info` (unknown). One without an end is
 * `info`.
 */
export interface CommitEvent extends MemberIdentity {
  readonly f: "commit";
  readonly type: "invoke" | "ok" | "fail" | "info";
  /** Stands in the metadata of each offset. */
  readonly id: number;
  readonly offsets: readonly (readonly [key: Key, offset: number])[];
  readonly timeMs: number;
}

/** Offsets are deleted; as `CommitEvent`. `keys` null: the group goes with all its offsets. */
export interface DeleteEvent {
  readonly f: "delete";
  readonly type: "invoke" | "ok" | "fail" | "info";
  readonly process: string;
  readonly id: number;
  readonly group: string;
  readonly keys: readonly Key[] | null;
  readonly timeMs: number;
}

/** Committed offsets were read. A key that was asked for and is not named has none. */
export interface OffsetsEvent {
  readonly f: "offsets";
  readonly process: string;
  readonly group: string;
  /** Null: all there are. */
  readonly asked: readonly Key[] | null;
  readonly found: readonly (readonly [key: Key, offset: number, commitId: number])[];
  readonly invokedAt: number;
  readonly timeMs: number;
}

/** A member has worked on records that it read from the position of its group. */
export interface ConsumeEvent {
  readonly f: "consume";
  readonly process: string;
  readonly group: string;
  readonly key: Key;
  readonly values: readonly number[];
  readonly timeMs: number;
}

/** The broker's wall clock was set. */
export interface ClockEvent {
  readonly f: "clock";
  readonly process: string;
  readonly jumpMs: number;
  readonly timeMs: number;
}

/** When all faults are over: who has what of a group. */
export interface OwnersEvent {
  readonly f: "owners";
  readonly process: string;
  readonly group: string;
  readonly partitions: readonly Key[];
  readonly owners: readonly {
    readonly process: string;
    readonly generation: number;
    readonly keys: readonly Key[];
  }[];
  readonly timeMs: number;
}

export type GroupEvent =
  | JoinEvent
  | SyncEvent
  | HeartbeatEvent
  | GoneEvent
  | CommitEvent
  | DeleteEvent
  | OffsetsEvent
  | ConsumeEvent
  | ClockEvent
  | OwnersEvent;

/** Everything that a world of groups shows. */
export type GroupHistory = readonly (HistoryEvent | GroupEvent)[];

/** What a checker of groups has to know besides. */
export interface GroupFacts {
  /** Offsets nobody uses are kept so long. */
  readonly retentionMs: number;
  /** Keys that no group subscribes to. */
  readonly isUnconsumed: (key: Key) => boolean;
  /** Groups with members. */
  readonly memberGroups: readonly string[];
  /** A group whose offsets must have expired at the end; null: none. */
  readonly forgottenGroup: string | null;
}

/** Reads a whole history and names what is wrong with it. */
export type GroupChecker = (history: GroupHistory, facts: GroupFacts) => Anomaly[];
