// What every simulated client has: its ports, where the broker is, the history it writes to, and what the run
// allows.
import type { Ports } from "@ottla/ports";
import type { HistoryEvent } from "../history.ts";

/** A partition as clients name it. */
export interface Target {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** What a client is given. */
export interface SimClientContext {
  readonly ports: Ports;
  readonly host: string;
  readonly port: number;
  /** Name of the client in the history. */
  readonly process: string;
  readonly record: (event: HistoryEvent) => void;
  readonly nowMs: () => number;
  /** For whoever reads along. */
  readonly report: (line: string) => void;
  /** Ends the run with an error of code that awaits. */
  readonly fail: (error: unknown) => void;
  readonly requestTimeoutMs: number;
  /** Acknowledged records may be gone: a power cut where durability is the page cache's. */
  readonly mayLoseRecords: () => boolean;
  /** Where the damage ends that an offset lies in; -1: it lies in none. */
  readonly damageEnd: (key: string, offset: number) => number;
  /** Where the damage ends that an offset lies in or before; -1: there is none. */
  readonly damageBehind: (key: string, offset: number) => number;
}

export function keyOf({ topic, partition }: Target): string {
  return `${topic}-${partition}`;
}
