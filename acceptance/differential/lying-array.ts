// Arrays whose count on the wire is not their number of elements: null where null is not allowed, and counts
// that lie.

/** Encodes as `count` with these elements. -1 is null. */
export function lyingArray<Element>(count: number, elements: readonly Element[] = []): Element[] {
  const lie = { length: count, [Symbol.iterator]: () => elements[Symbol.iterator]() };
  return lie as unknown as Element[];
}

/** A null array, also where the schema knows none. */
export function nullArray<Element>(): Element[] {
  return lyingArray<Element>(-1);
}
