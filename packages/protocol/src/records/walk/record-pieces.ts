// The records of a body that comes in pieces, one after the other, for who looks for one of them. Not here:
// checks of all records (piecewise-walk.ts).
import { createRecordCursor, nextRecord, RECORD_INCOMPLETE, type RecordCursor } from "../record-cursor.ts";
import { RECORD_PENDING, RECORD_READ, StraddlingRecord } from "./straddling-record.ts";

/** What `RecordPieces.next` found. */
export type NextInPiece = "record" | "used-up" | "damaged";

/** Reads record after record. */
export class RecordPieces {
  /** Deltas and lengths of the record found last; where its data lies is known only within one piece. */
  readonly cursor: RecordCursor = createRecordCursor();
  readonly #straddler = new StraddlingRecord();
  #piece: Uint8Array | null = null;
  #at = 0;

  /** The next record that ends in `piece`; once that is `used-up` the next piece is due. */
  next(piece: Uint8Array): NextInPiece {
    if (this.#piece !== piece) {
      this.#piece = piece;
      this.#at = 0;
    }
    if (this.#straddler.result === RECORD_PENDING) return this.#straddle(piece);
    if (this.#at === piece.length) return "used-up";
    const next = nextRecord(piece, this.#at, piece.length, this.cursor);
    if (next === RECORD_INCOMPLETE) {
      this.#straddler.begin();
      return this.#straddle(piece);
    }
    if (next < 0) return "damaged";
    this.#at = next;
    return "record";
  }

  #straddle(piece: Uint8Array): NextInPiece {
    this.#at = this.#straddler.take(piece, this.#at, piece.length, this.cursor);
    if (this.#straddler.result === RECORD_PENDING) return "used-up";
    return this.#straddler.result === RECORD_READ ? "record" : "damaged";
  }
}
