// Validation of a compressed batch whose body is too large for the loop. The body is opened piece by piece
// and walked as it comes, so that a body of any size takes the memory of some pieces. Only a batch that is to
// be compressed anew is opened whole. Bodies are open in lanes, which bounds the memory of all of them
// together. Not here: what a sound batch is (validate-for-leader.ts).
import {
  type BodyPieces,
  batchBody,
  batchCompression,
  batchCount,
  compressBodyLater,
  decompressBatchBodyLater,
  openBody,
  PiecewiseWalk,
  RecordsError,
} from "@ottla/protocol";
import { RECORDS_PER_SLICE, UNZIP_NARROW_BYTES_MAX } from "../limits.ts";
import type { Refused } from "./append-outcome.ts";
import type { UnzipWidth } from "./unzip-lanes.ts";
import {
  bodyBytesMax,
  checkHeader,
  isTooLarge,
  judgeWalk,
  type LeaderRules,
  levelOf,
  recordRules,
  refusedBody,
  rewritten,
  targetCodec,
  type ValidBatch,
} from "./validate-for-leader.ts";

type ValidationDone = (result: ValidBatch | Refused) => void;

/** As `validateForLeader`, on the pool. `bytes` stays unchanged until `done`, which runs in a later turn. */
export function validateForLeaderLater(
  bytes: Uint8Array,
  at: number,
  rules: LeaderRules,
  done: ValidationDone,
): void {
  const refusal = checkHeader(bytes, at, rules.origin);
  if (refusal !== null) {
    rules.turn.nextSlice(() => done(refusal));
    return;
  }
  const source = batchCompression(bytes, at);
  if (targetCodec(source, rules.config) !== source) {
    new Recompression(bytes, at, rules, done).open("narrow");
    return;
  }
  let pieces: BodyPieces;
  try {
    pieces = openBody(source, batchBody(bytes, at), rules.zip, bodyBytesMax(rules.config));
  } catch (error) {
    const refused = refusedBody(error);
    rules.turn.nextSlice(() => done(refused));
    return;
  }
  const width = pieces.heldBytes > UNZIP_NARROW_BYTES_MAX ? "wide" : "narrow";
  rules.lanes.enter(width, (leave) => {
    walkPieces(bytes, at, rules, pieces, (result) => {
      pieces.close();
      leave();
      done(result);
    });
  });
}

function walkPieces(
  bytes: Uint8Array,
  at: number,
  rules: LeaderRules,
  pieces: BodyPieces,
  done: ValidationDone,
): void {
  const pieceByPiece = new PiecewiseWalk(batchCount(bytes, at), recordRules(bytes, at, rules));
  const { walk } = pieceByPiece;
  const walkOn = (piece: Uint8Array): void => {
    if (!pieceByPiece.take(piece, RECORDS_PER_SLICE)) rules.turn.nextSlice(() => walkOn(piece));
    else if (walk.problem === null) pieces.next(arrived);
    else done(judgeWalk(bytes, at, rules, walk));
  };
  const arrived = (piece: Uint8Array | null | RecordsError): void => {
    if (piece instanceof Uint8Array) walkOn(piece);
    else if (piece instanceof RecordsError) done(refusedBody(piece));
    else {
      pieceByPiece.end();
      done(judgeWalk(bytes, at, rules, walk));
    }
  };
  pieces.next(arrived);
}

/**
 * A batch on its way to another codec, opened whole. It keeps its place in a lane until it is compressed
 * anew.
 */
class Recompression {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #rules: LeaderRules;
  readonly #done: ValidationDone;

  constructor(bytes: Uint8Array, at: number, rules: LeaderRules, done: ValidationDone) {
    this.#bytes = bytes;
    this.#at = at;
    this.#rules = rules;
    this.#done = done;
  }

  open(width: UnzipWidth): void {
    const { zip, config, lanes } = this.#rules;
    const bytesMax = bodyBytesMax(config);
    const laneBytesMax = width === "narrow" ? Math.min(bytesMax, UNZIP_NARROW_BYTES_MAX) : bytesMax;
    lanes.enter(width, (leave) => {
      decompressBatchBodyLater(this.#bytes, this.#at, zip, laneBytesMax, (body) => {
        if (isTooLarge(body) && laneBytesMax < bytesMax) {
          leave();
          this.open("wide");
        } else this.#judge(body, leave);
      });
    });
  }

  #judge(body: Uint8Array | RecordsError, leave: () => void): void {
    const end = (result: ValidBatch | Refused): void => {
      if (body instanceof Uint8Array) this.#giveBack(body);
      leave();
      this.#done(result);
    };
    if (body instanceof RecordsError) {
      end(refusedBody(body));
      return;
    }
    const rules = recordRules(this.#bytes, this.#at, this.#rules);
    const walk = new PiecewiseWalk(batchCount(this.#bytes, this.#at), rules);
    const step = (): void => {
      if (!walk.take(body, RECORDS_PER_SLICE)) {
        this.#rules.turn.nextSlice(step);
        return;
      }
      walk.end();
      this.#recompress(judgeWalk(this.#bytes, this.#at, this.#rules, walk.walk), body, end);
    };
    step();
  }

  /** A huge body does not wait for a collection, else the next one would stand beside it. */
  #giveBack(body: Uint8Array): void {
    const { buffer } = body;
    if (body.length <= UNZIP_NARROW_BYTES_MAX || buffer === this.#bytes.buffer) return;
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }

  #recompress(
    judged: ValidBatch | Refused,
    body: Uint8Array,
    end: (result: ValidBatch | Refused) => void,
  ): void {
    if (judged.kind === "refused") {
      end(judged);
      return;
    }
    const { zip, config } = this.#rules;
    const target = targetCodec(batchCompression(this.#bytes, this.#at), config);
    compressBodyLater(target, body, zip, levelOf(target, config), (packed) => {
      end(packed instanceof RecordsError ? refusedBody(packed) : rewritten(judged, target, packed));
    });
  }
}
