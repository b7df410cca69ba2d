// Percentiles over a list of measured times.

/** The value at `share` (0..1) of the sorted list; 0 for an empty one. */
export function percentile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A sorted copy, ascending. */
export function ascending(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right);
}
