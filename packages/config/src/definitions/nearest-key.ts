// The known setting a misspelt one most likely means.
import { COMPARED_KEY_CHARS_MAX } from "../limits.ts";

/**
 * The nearest of `known` by edit distance, if it is near enough to be meant: a third of the key, at most 6
 * edits.
 */
export function nearestKey(key: string, known: Iterable<string>): string | undefined {
  if (key.length > COMPARED_KEY_CHARS_MAX) return undefined;
  const written = key.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(6, Math.floor(key.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(written, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions and replacements from `a` to `b`; gives up at `bound`. */
export function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let rowMin = i;
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const value = Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      current.push(value);
      rowMin = Math.min(rowMin, value);
    }
    if (rowMin >= bound) return bound;
    previous = current;
  }
  return previous[b.length] ?? bound;
}
