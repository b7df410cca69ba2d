// An append whose outcome is known in the end: where the engine cannot tell, the log is read back and the
// append's id looked for. It is tried again while the log shows that it did not happen; the expected tail
// keeps it from happening twice.
import type { Offset } from "@ottla/protocol";
import { APPEND_ATTEMPTS_MAX } from "../limits.ts";
import type { MetaLog, MetaLogBatch } from "./meta-log.ts";

/** `written`: durable, once. `lost`: somebody else wrote there, or the log is of no use any more. */
export type ResolvedAppend =
  | { readonly kind: "written"; readonly lastOffset: Offset }
  | { readonly kind: "lost"; readonly cause: Error };

export interface AppendRequest {
  readonly expectedTail: Offset;
  readonly appendId: string;
  readonly batch: MetaLogBatch;
}

/** Appends and finds out; `done` runs once, in a later turn. */
export function appendResolved(
  metaLog: MetaLog,
  request: AppendRequest,
  done: (result: ResolvedAppend) => void,
): void {
  attempt(metaLog, request, 1, done);
}

function attempt(
  metaLog: MetaLog,
  request: AppendRequest,
  count: number,
  done: (result: ResolvedAppend) => void,
): void {
  const { expectedTail, appendId, batch } = request;
  metaLog.append(expectedTail, appendId, batch, (outcome) => {
    switch (outcome.kind) {
      case "ok":
        return done({ kind: "written", lastOffset: outcome.lastOffset });
      case "refused":
        return done({ kind: "lost", cause: outcome.cause });
      case "conflict":
        if (count === 1) return done({ kind: "lost", cause: overtaken(expectedTail, outcome.tail) });
        return readBack(metaLog, request, count, done);
      case "unknown":
        if (count >= APPEND_ATTEMPTS_MAX) return done({ kind: "lost", cause: outcome.cause });
        return readBack(metaLog, request, count, done);
    }
  });
}

function readBack(
  metaLog: MetaLog,
  request: AppendRequest,
  count: number,
  done: (result: ResolvedAppend) => void,
): void {
  const { expectedTail, appendId } = request;
  metaLog.read(expectedTail, (result) => {
    if (result.kind === "failed") return done({ kind: "lost", cause: result.cause });
    const entry = result.kind === "entries" ? result.entries[0] : undefined;
    if (result.kind === "trimmed")
      return done({ kind: "lost", cause: overtaken(expectedTail, result.startOffset) });
    if (entry === undefined) return attempt(metaLog, request, count + 1, done);
    if (entry.appendId === appendId) return done({ kind: "written", lastOffset: entry.lastOffset });
    done({ kind: "lost", cause: overtaken(expectedTail, result.tail) });
  });
}

function overtaken(expectedTail: Offset, tail: Offset): Error {
  return new Error(
    `another controller wrote to the metadata log: it ends at ${tail}, not at ${expectedTail}`,
  );
}
