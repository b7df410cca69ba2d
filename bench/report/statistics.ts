// What is made of repeated runs: the middle one, and how far the others lie from it.

/** One figure over the runs of one peer. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** The middle value, the mean of the two in the middle for an even count; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Runs that did not give the figure are left out. */
export function spreadOf(values: readonly (number | undefined)[]): Spread {
  const found = values.filter((value): value is number => value !== undefined && !Number.isNaN(value));
  const sorted = ascending(found);
  return {
    median: median(found),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    runs: found.length,
  };
}

/** The value at `share` (0..1) of the sorted list; 0 for an empty one. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A sorted copy, ascending. */
export function ascending(values: readonly number[]): number[] {
  return [...Float64Array.from(values).sort()];
}
