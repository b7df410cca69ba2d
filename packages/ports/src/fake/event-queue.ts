// The future of a simulated world: a heap of events by virtual time. Events due at the same time come in
// drawn order, unless both were put in as ordered.
import type { FakeLife } from "./fake-life.ts";

/** Something that will happen. */
export interface FakeEvent {
  /** What it is, for the hash and for a trace. */
  readonly kind: string;
  /** Whose event; null for the world's own. */
  readonly life: FakeLife | null;
  dueUs: number;
  /** Decides between events due together; drawn. */
  order: number;
  /** Decides last. */
  sequence: number;
  isCancelled: boolean;
  readonly run: () => void;
}

function isBefore(left: FakeEvent, right: FakeEvent): boolean {
  if (left.dueUs !== right.dueUs) return left.dueUs < right.dueUs;
  if (left.order !== right.order) return left.order < right.order;
  return left.sequence < right.sequence;
}

/** A binary heap of events. */
export class EventQueue {
  readonly #heap: FakeEvent[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  peek(): FakeEvent | undefined {
    return this.#heap[0];
  }

  push(event: FakeEvent): void {
    event.sequence = this.#sequence++;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as FakeEvent;
      if (!isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  pop(): FakeEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as FakeEvent, heap[child] as FakeEvent))
        child++;
      const below = heap[child] as FakeEvent;
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
