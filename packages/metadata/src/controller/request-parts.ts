// How a request about very many things, each decided alone, is cut into requests that are decided one after
// the other: so that deciding it does not hold the loop, and each part fits an append. What comes between two
// parts sees the first and not yet the second. Not here: running the parts (controller.ts).

/** Parts of a request, and their answers put together again. */
export interface RequestParts<Request, Response> {
  /** In order; one that is the request itself when it is small, or when it must be looked at whole. */
  cut(request: Request): readonly Request[];
  /** One answer of those of the parts. */
  join(responses: readonly Response[]): Response;
}

/** A part takes about a millisecond. */
export const partWeightMax = 256;

/** Runs of items whose weights sum up to a part; a heavier item is a run of its own. */
export function runsByWeight<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  let run: Item[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weightOf(item);
    if (run.length > 0 && weight + more > partWeightMax) {
      runs.push(run);
      run = [];
      weight = 0;
    }
    run.push(item);
    weight += more;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
