import assert from "node:assert/strict";
import { test } from "node:test";
import { Linked, LinkedList } from "./linked-list.ts";

class Item extends Linked<Item> {
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}

function names(list: LinkedList<Item>): string[] {
  const found: string[] = [];
  for (let node = list.first; node !== null; node = node.next) found.push(node.name);
  return found;
}

test("a node leaves from anywhere in the list and the rest keeps its order", () => {
  for (const gone of ["a", "b", "c"]) {
    const list = new LinkedList<Item>();
    const items = ["a", "b", "c"].map((name) => new Item(name));
    for (const item of items) list.append(item);
    items.find(({ name }) => name === gone)?.unlink();
    const left = ["a", "b", "c"].filter((name) => name !== gone);
    assert.deepEqual(names(list), left);
    assert.equal(list.size, 2);
    assert.equal(list.first?.name, left[0]);
    assert.equal(list.last?.name, left[1]);
  }
});

test("a node that left may leave again and may join another list", () => {
  const one = new LinkedList<Item>();
  const other = new LinkedList<Item>();
  const item = new Item("a");
  one.append(item);
  item.unlink();
  item.unlink();
  other.append(item);
  assert.ok(one.isEmpty);
  assert.equal(item.list, other);
});

test("a node is in one list at most", () => {
  const item = new Item("a");
  new LinkedList<Item>().append(item);
  assert.throws(() => new LinkedList<Item>().append(item), /one list/);
});

test("a node is put behind another or first", () => {
  const list = new LinkedList<Item>();
  const a = new Item("a");
  list.append(a);
  list.append(new Item("c"));
  list.insertAfter(a, new Item("b"));
  list.insertAfter(null, new Item("0"));
  assert.deepEqual(names(list), ["0", "a", "b", "c"]);
});
