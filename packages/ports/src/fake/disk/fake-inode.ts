// The content of one simulated file, twice: as written (what every reader sees) and as durable (what is sure
// to survive), with the list of changes between the two. A change becomes durable by a sync that began after
// it; at a crash the rest is kept, lost or torn as drawn.
import type { Random } from "../../random.ts";
import { SECTOR_BYTES } from "../limits.ts";

type Change =
  | { readonly number: number; readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly number: number; readonly kind: "truncate"; readonly length: number };

/** Bytes that grow by doubling. Beyond `length` all is zero. */
class Content {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  static of(bytes: Uint8Array): Content {
    const content = new Content();
    content.write(bytes, 0);
    return content;
  }

  get length(): number {
    return this.#length;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#reserve(position + bytes.length);
    this.#bytes.set(bytes, position);
    this.#length = Math.max(this.#length, position + bytes.length);
  }

  truncate(length: number): void {
    this.#reserve(length);
    if (length < this.#length) this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }

  apply(change: Change): void {
    if (change.kind === "truncate") this.truncate(change.length);
    else if (change.bytes.length > 0) this.write(change.bytes, change.position);
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length, SECTOR_BYTES));
    grown.set(this.view());
    this.#bytes = grown;
  }
}

/** A simulated file, apart from its names. */
export class FakeInode {
  readonly kind = "file";
  modifiedMs: number;
  #written = new Content();
  #durable = new Content();
  #changes: Change[] = [];
  #changeCount = 0;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }

  get bytes(): number {
    return this.#written.length;
  }

  /** What readers see. Valid until the next change. */
  written(): Uint8Array {
    return this.#written.view();
  }

  /** What is sure to survive. Valid until the next sync. */
  durable(): Uint8Array {
    return this.#durable.view();
  }

  /** Number of the newest change: a sync that begins now covers it. */
  get changeCount(): number {
    return this.#changeCount;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#change({ number: ++this.#changeCount, kind: "write", position, bytes: bytes.slice() });
  }

  truncate(length: number): void {
    this.#change({ number: ++this.#changeCount, kind: "truncate", length });
  }

  /** Makes every change up to `number` durable. */
  sync(number: number): void {
    const rest = this.#changes.findIndex((change) => change.number > number);
    const covered = this.#changes.splice(0, rest < 0 ? this.#changes.length : rest);
    for (const change of covered) this.#durable.apply(change);
  }

  /**
   * A sync of the changes up to `number` that failed: as on Linux the pages count as clean afterwards, so
   * each change got to the disk or did not, and no later sync writes it.
   */
  failSync(number: number, random: Random): void {
    const rest = this.#changes.findIndex((change) => change.number > number);
    const covered = this.#changes.splice(0, rest < 0 ? this.#changes.length : rest);
    for (const change of covered) if (random.below(2) === 0) this.#durable.apply(change);
  }

  /** What a machine without power leaves of the file. */
  crash(random: Random): void {
    const survived = survivingContent(this.#durable.view(), this.#changes, random);
    this.#durable = survived;
    this.#written = Content.of(survived.view());
    this.#changes = [];
  }

  /** Damages what is stored, as rotten media do: no change that a sync or crash could undo. */
  damage(change: (content: Uint8Array) => Uint8Array): void {
    this.#written = Content.of(change(this.#written.view().slice()));
    this.#durable = Content.of(change(this.#durable.view().slice()));
  }

  #change(change: Change): void {
    this.#written.apply(change);
    this.#changes.push(change);
  }
}

/** Draws what a crash keeps of `changes` on top of `durable`. */
function survivingContent(durable: Uint8Array, changes: readonly Change[], random: Random): Content {
  const survived = Content.of(durable);
  switch (random.below(8)) {
    case 0:
    case 1:
      return survived;
    case 2:
      for (const change of changes) survived.apply(change);
      return survived;
    case 3:
    case 4:
    case 5:
      applyPrefix(survived, changes, random);
      return survived;
    default:
      applySectors(survived, changes, random);
      return survived;
  }
}

/** The first changes whole, the next one torn, the rest lost. */
function applyPrefix(survived: Content, changes: readonly Change[], random: Random): void {
  if (changes.length === 0) return;
  const torn = random.below(changes.length);
  for (let i = 0; i < torn; i++) survived.apply(changes[i] as Change);
  const change = changes[torn] as Change;
  if (change.kind === "truncate" || change.bytes.length === 0) return;
  const endDrawn = change.position + random.below(change.bytes.length + 1);
  // Sectors are whole: the tear lies on a boundary, or nothing of the write is there.
  const end = endDrawn - (endDrawn % SECTOR_BYTES);
  if (end > change.position) survived.write(change.bytes.subarray(0, end - change.position), change.position);
  // The length may have reached the disk before the data: then zeros stand in for them.
  if (random.below(4) === 0) {
    survived.truncate(Math.max(survived.length, change.position + change.bytes.length));
  }
}

/** Each sector of each write reached the disk or not. A sector that did carries all earlier writes to it. */
function applySectors(survived: Content, changes: readonly Change[], random: Random): void {
  const written = Content.of(survived.view());
  for (const change of changes) {
    written.apply(change);
    if (change.kind === "truncate") {
      if (random.below(2) === 0) survived.truncate(change.length);
      continue;
    }
    const end = change.position + change.bytes.length;
    for (let at = change.position - (change.position % SECTOR_BYTES); at < end; at += SECTOR_BYTES) {
      if (random.below(2) === 0) continue;
      const sector = written.view().subarray(at, at + SECTOR_BYTES);
      survived.write(sector, at);
    }
  }
}
