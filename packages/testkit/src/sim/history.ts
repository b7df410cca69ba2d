// What the clients of a simulated cluster did and saw, in the order of virtual time: the only thing checkers
// look at. Values are unique over a run, so a record can be followed through sends and polls.

/** A topic's partition as `topic-partition`. */
export type Key = string;

/** A send begins, or ends: `ok` with its offset, `fail` (certainly not written) or `info` (unknown). */
export interface SendEvent {
  readonly f: "send";
  readonly type: "invoke" | "ok" | "fail" | "info";
  readonly process: string;
  readonly key: Key;
  /** The values of the batch, in order; the first one sits at `offset`. */
  readonly values: readonly number[];
  /** Of the first value; only when `ok`. */
  readonly offset: number | null;
  readonly timeMs: number;
}

/** One answer to a consumer: every record it held, in order. */
export interface PollEvent {
  readonly f: "poll";
  readonly process: string;
  readonly key: Key;
  /** The offset asked for, and the first one behind what was answered. */
  readonly from: number;
  readonly next: number;
  /** When it was asked. */
  readonly askedMs: number;
  readonly records: readonly {
    readonly offset: number;
    readonly value: number;
    readonly timestampMs: number;
  }[];
  readonly timeMs: number;
}

/** A consumer takes its position; polls before and after it are not compared. */
export interface AssignEvent {
  readonly f: "assign";
  readonly process: string;
  readonly key: Key;
  readonly position: number;
  readonly timeMs: number;
}

/** The first offset whose record is not older than a timestamp, as ListOffsets answered; -1: none is. */
export interface LookupEvent {
  readonly f: "lookup";
  readonly process: string;
  readonly key: Key;
  readonly timestampMs: number;
  readonly offset: number;
  readonly timeMs: number;
}

/** A client deletes the records before an offset; `ok` with the log start that was answered. */
export interface DeleteRecordsEvent {
  readonly f: "delete-records";
  readonly type: "invoke" | "ok";
  readonly process: string;
  readonly key: Key;
  readonly offset: number;
  readonly timeMs: number;
}

/** A client was told where a log starts. */
export interface LogStartEvent {
  readonly f: "log-start";
  readonly process: string;
  readonly key: Key;
  readonly offset: number;
  /** When it was asked. */
  readonly askedMs: number;
  readonly timeMs: number;
}

/** A topic was created, or a client saw which topic has the name. */
export interface TopicEvent {
  readonly f: "topic";
  readonly type: "created" | "seen";
  readonly process: string;
  readonly topic: string;
  readonly topicId: string;
  readonly timeMs: number;
}

/** A node went down or came up, or its disk failed. */
export interface NodeEvent {
  readonly f: "node";
  readonly type: "crash" | "start" | "serving" | "fault";
  readonly process: string;
  readonly timeMs: number;
}

/** Records that were durable are damaged on disk: from `from` to before `to`. */
export interface DamageEvent {
  readonly f: "damage";
  readonly process: string;
  readonly key: Key;
  readonly from: number;
  readonly to: number;
  readonly timeMs: number;
}

/** A consumer was told that the record at its position is damaged, and went on behind the damage. */
export interface DamageToldEvent {
  readonly f: "damage-told";
  readonly process: string;
  readonly key: Key;
  readonly position: number;
  readonly timeMs: number;
}

export type HistoryEvent =
  | DamageEvent
  | DamageToldEvent
  | SendEvent
  | PollEvent
  | AssignEvent
  | LookupEvent
  | DeleteRecordsEvent
  | LogStartEvent
  | TopicEvent
  | NodeEvent;

/** A broken promise: which, and what shows it. */
export interface Anomaly {
  readonly checker: string;
  readonly text: string;
}

/** Reads a whole history and names what is wrong with it. */
export type Checker = (history: readonly HistoryEvent[]) => Anomaly[];

/** Anomalies reported by one checker at most: the first ones tell the story. */
export const anomaliesPerCheckerMax = 5;
