// An immutable map by structural sharing: a change copies one path of a 32-way hash trie, not the map, so
// that an image of many topics costs O(log n) per changed topic. Invariant: a map never changes after it was
// made; iteration order depends on the keys alone. Keys are strings or numbers; keys with equal hashes share
// a bucket, which is searched in line.

interface Leaf<K, V> {
  readonly hash: number;
  readonly entries: readonly (readonly [K, V])[];
}

interface Branch<K, V> {
  /** Bit n is set when child n is there; the children follow in order of their bits. */
  readonly bitmap: number;
  readonly children: readonly Node<K, V>[];
}

type Node<K, V> = Leaf<K, V> | Branch<K, V>;

const BITS = 5;
const MASK = 31;

/** A map whose changes return a new map. */
export class PersistentMap<K extends string | number, V> implements ReadonlyMap<K, V> {
  readonly size: number;
  readonly #root: Node<K, V> | null;

  private constructor(root: Node<K, V> | null, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<K extends string | number, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(null, 0);
  }

  static from<K extends string | number, V>(entries: Iterable<readonly [K, V]>): PersistentMap<K, V> {
    let map = PersistentMap.empty<K, V>();
    for (const [key, value] of entries) map = map.with(key, value);
    return map;
  }

  get(key: K): V | undefined {
    const hash = hashOf(key);
    let node = this.#root;
    for (let shift = 0; node !== null; shift += BITS) {
      if (isLeaf(node)) {
        if (node.hash !== hash) return undefined;
        for (const entry of node.entries) if (entry[0] === key) return entry[1];
        return undefined;
      }
      node = childOf(node, (hash >>> shift) & MASK);
    }
    return undefined;
  }

  has(key: K): boolean {
    const hash = hashOf(key);
    let node = this.#root;
    for (let shift = 0; node !== null; shift += BITS) {
      if (isLeaf(node)) return node.hash === hash && node.entries.some((entry) => entry[0] === key);
      node = childOf(node, (hash >>> shift) & MASK);
    }
    return false;
  }

  /** This map with `key` set to `value`. */
  with(key: K, value: V): PersistentMap<K, V> {
    const isNew = !this.has(key);
    const leaf: Leaf<K, V> = { hash: hashOf(key), entries: [[key, value]] };
    const root = this.#root === null ? leaf : insert(this.#root, leaf, 0);
    return new PersistentMap(root, isNew ? this.size + 1 : this.size);
  }

  /** This map without `key`; the same map when it was not there. */
  without(key: K): PersistentMap<K, V> {
    if (this.#root === null || !this.has(key)) return this;
    return new PersistentMap(remove(this.#root, hashOf(key), key, 0), this.size - 1);
  }

  *entries(): MapIterator<[K, V]> {
    const stack: Node<K, V>[] = this.#root === null ? [] : [this.#root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (isLeaf(node)) for (const [key, value] of node.entries) yield [key, value];
      else
        for (let index = node.children.length - 1; index >= 0; index -= 1) stack.push(node.children[index]!);
    }
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }
}

function isLeaf<K, V>(node: Node<K, V>): node is Leaf<K, V> {
  return "entries" in node;
}

/** FNV-1a with a final mix; numbers are mixed as they are. */
function hashOf(key: string | number): number {
  let hash = 0x811c9dc5;
  if (typeof key === "number") hash ^= key | 0;
  else
    for (let index = 0; index < key.length; index += 1)
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function childIndex(bitmap: number, bit: number): number {
  return bitCount(bitmap & (bit - 1));
}

function childOf<K, V>(branch: Branch<K, V>, slot: number): Node<K, V> | null {
  const bit = 1 << slot;
  return (branch.bitmap & bit) === 0 ? null : branch.children[childIndex(branch.bitmap, bit)]!;
}

function insert<K, V>(node: Node<K, V>, leaf: Leaf<K, V>, shift: number): Node<K, V> {
  if (isLeaf(node)) {
    if (node.hash !== leaf.hash) return split(node, leaf, shift);
    const [key] = leaf.entries[0]!;
    return {
      hash: leaf.hash,
      entries: [...node.entries.filter((entry) => entry[0] !== key), ...leaf.entries],
    };
  }
  const bit = 1 << ((leaf.hash >>> shift) & MASK);
  const index = childIndex(node.bitmap, bit);
  const children = node.children.slice();
  if ((node.bitmap & bit) === 0) children.splice(index, 0, leaf);
  else children[index] = insert(children[index]!, leaf, shift + BITS);
  return { bitmap: node.bitmap | bit, children };
}

/** A branch over two leaves of different hashes; hashes that agree in these bits go one level down. */
function split<K, V>(left: Leaf<K, V>, right: Leaf<K, V>, shift: number): Branch<K, V> {
  const leftSlot = (left.hash >>> shift) & MASK;
  const rightSlot = (right.hash >>> shift) & MASK;
  if (leftSlot === rightSlot) return { bitmap: 1 << leftSlot, children: [split(left, right, shift + BITS)] };
  const children = leftSlot < rightSlot ? [left, right] : [right, left];
  return { bitmap: (1 << leftSlot) | (1 << rightSlot), children };
}

function remove<K, V>(node: Node<K, V>, hash: number, key: K, shift: number): Node<K, V> | null {
  if (isLeaf(node)) {
    const entries = node.entries.filter((entry) => entry[0] !== key);
    return entries.length === 0 ? null : { hash: node.hash, entries };
  }
  const bit = 1 << ((hash >>> shift) & MASK);
  const index = childIndex(node.bitmap, bit);
  const child = remove(node.children[index]!, hash, key, shift + BITS);
  const children = node.children.slice();
  if (child !== null) children[index] = child;
  else children.splice(index, 1);
  if (children.length === 0) return null;
  // A lone leaf moves up, so that equal contents have equal shapes whatever their history.
  if (children.length === 1 && isLeaf(children[0]!)) return children[0]!;
  return { bitmap: child === null ? node.bitmap & ~bit : node.bitmap, children };
}
