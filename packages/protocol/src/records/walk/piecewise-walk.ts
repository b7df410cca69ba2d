// The walk of record-walk.ts over a body that comes in pieces, cut anywhere. Finds the same facts and
// problems; holds nothing of a piece beyond the call that took it. Not here: where the pieces come from
// (../compression/open-body.ts).
import { RECORD_INCOMPLETE } from "../record-cursor.ts";
import {
  createRecordWalk,
  type RecordRules,
  type RecordWalk,
  recordProblem,
  startWalk,
  surplusProblem,
  takeRecord,
  walkTo,
} from "./record-walk.ts";
import { RECORD_PENDING, RECORD_READ, StraddlingRecord } from "./straddling-record.ts";

/** One body on its way. */
export class PiecewiseWalk {
  /** What was found; complete after `end`. */
  readonly walk: RecordWalk = createRecordWalk();
  readonly #count: number;
  readonly #rules: RecordRules;
  readonly #straddler = new StraddlingRecord();
  #piece: Uint8Array | null = null;

  /** A body of `count` records. */
  constructor(count: number, rules: RecordRules) {
    this.#count = count;
    this.#rules = rules;
    startWalk(0, count, this.walk);
  }

  /**
   * Walks on in `piece` by at most `recordsMax` records. False: call again with the same piece. True: it is
   * used up, or `walk.problem` ended the walk.
   */
  take(piece: Uint8Array, recordsMax: number): boolean {
    const { walk } = this;
    if (walk.problem !== null) return true;
    if (this.#piece !== piece) {
      this.#piece = piece;
      walk.position = 0;
      if (this.#straddler.result === RECORD_PENDING) this.#takeStraddler(piece);
    }
    const isOver = this.#walkOn(piece, recordsMax);
    if (isOver) this.#piece = null;
    return isOver;
  }

  /** No further piece comes. */
  end(): void {
    const { walk } = this;
    if (walk.problem !== null) return;
    const isCut = this.#straddler.result === RECORD_PENDING;
    if (isCut || walk.recordCount < this.#count) {
      const bytes = isCut ? this.#straddler.bytes : 0;
      walk.problem = recordProblem(RECORD_INCOMPLETE, walk.recordCount, bytes);
    }
  }

  #walkOn(piece: Uint8Array, recordsMax: number): boolean {
    const { walk } = this;
    if (walk.problem !== null || this.#straddler.result === RECORD_PENDING) return true;
    const stop = Math.min(this.#count, walk.recordCount + recordsMax);
    const result = walkTo(piece, piece.length, stop, this.#rules, walk);
    if (result === RECORD_INCOMPLETE) {
      if (walk.position === piece.length) return true;
      this.#straddler.begin();
      this.#takeStraddler(piece);
      return true;
    }
    if (result < 0) {
      walk.problem = recordProblem(result, walk.recordCount, piece.length - walk.position);
      return true;
    }
    if (walk.recordCount < this.#count) return walk.position === piece.length;
    if (walk.position < piece.length) walk.problem = surplusProblem(this.#count);
    return true;
  }

  #takeStraddler(piece: Uint8Array): void {
    const { walk } = this;
    const straddler = this.#straddler;
    walk.position = straddler.take(piece, walk.position, piece.length, walk.cursor);
    if (straddler.result === RECORD_READ) takeRecord(walk, this.#rules);
    else if (straddler.result !== RECORD_PENDING) {
      walk.problem = recordProblem(straddler.result, walk.recordCount, straddler.bytes);
    }
  }
}
