// A doubly linked list whose nodes carry their own links, so that whatever waits leaves its list in constant
// time. Invariant: a node is in at most one list; `list` names it. Who walks a list may unlink the node it is
// at, once it has taken its `next`.

/** A node; `Self` is the class that extends it. */
export abstract class Linked<Self extends Linked<Self>> {
  list: LinkedList<Self> | null = null;
  previous: Self | null = null;
  next: Self | null = null;

  /** Leaves its list; no effect outside of one. */
  unlink(): void {
    this.list?.remove(this as unknown as Self);
  }
}

/** Nodes in order. */
export class LinkedList<Node extends Linked<Node>> {
  first: Node | null = null;
  last: Node | null = null;
  size = 0;

  get isEmpty(): boolean {
    return this.first === null;
  }

  /** Adds a node that is in no list. */
  append(node: Node): void {
    this.insertAfter(this.last, node);
  }

  /** Adds a node that is in no list behind `before`, or first when that is null. */
  insertAfter(before: Node | null, node: Node): void {
    if (node.list !== null) throw new Error("a node is in one list at most");
    const after = before === null ? this.first : before.next;
    node.list = this;
    node.previous = before;
    node.next = after;
    if (before === null) this.first = node;
    else before.next = node;
    if (after === null) this.last = node;
    else after.previous = node;
    this.size += 1;
  }

  /** Takes out a node of this list. */
  remove(node: Node): void {
    if (node.list !== this) throw new Error("a node is removed from the list it is in");
    const { previous, next } = node;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    node.list = null;
    node.previous = null;
    node.next = null;
    this.size -= 1;
  }
}
