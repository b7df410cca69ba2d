// A target is a bound on one figure of one load; whether it was met follows from the medians of a run.
import type { PeerName } from "../peers/peer.ts";
import type { Spread } from "./statistics.ts";

/** Spreads by load, figure and peer. */
export type Medians = Readonly<
  Record<string, Readonly<Record<string, Readonly<Partial<Record<PeerName, Spread>>>>>>
>;

/** What the figure of Ottla is held against. */
export type Yardstick = "kafka" | "floor" | "none";

/** A bound that is asked for. */
export interface Target {
  readonly about: string;
  readonly load: string;
  readonly figure: string;
  readonly peer: "ottla" | "ottla-page-cache";
  /** `kafka`, `floor`: the ratio to that peer's median in the same run. `none`: the median itself. */
  readonly against: Yardstick;
  readonly bound: "at most" | "at least";
  readonly limit: number;
}

/** How a target came out. */
export interface TargetOutcome extends Target {
  /** The ratio, or the median itself; null when the run did not give it. */
  readonly measured: number | null;
  /** The same of Ottla with its other durability, for orientation. */
  readonly otherMode: number | null;
  readonly outcome: "met" | "missed" | "not measured";
}

/** Holds a target against the medians of a run. */
export function judge(target: Target, medians: Medians): TargetOutcome {
  const otherPeer = target.peer === "ottla" ? "ottla-page-cache" : "ottla";
  const measured = measure(target, target.peer, medians);
  const otherMode = measure(target, otherPeer, medians);
  if (measured === null) return { ...target, measured, otherMode, outcome: "not measured" };
  const isMet = target.bound === "at most" ? measured <= target.limit : measured >= target.limit;
  return { ...target, measured, otherMode, outcome: isMet ? "met" : "missed" };
}

function measure({ load, figure, against }: Target, peer: PeerName, medians: Medians): number | null {
  const row = medians[load]?.[figure];
  const value = finite(row?.[peer]);
  if (against === "none" || value === null) return value;
  const yardstick = finite(row?.[against]);
  return yardstick === null || yardstick === 0 ? null : value / yardstick;
}

function finite(spread: Spread | undefined): number | null {
  return spread === undefined || !Number.isFinite(spread.median) ? null : spread.median;
}
