// P7: an offset whose commit was acknowledged, or that somebody was told of, does not vanish: not by a crash,
// not while a coordinator loads, not beside the deletion of another. Deleted and expired ones may.
import type { GroupChecker } from "../../group-history.ts";
import { anomaliesPerCheckerMax } from "../../history.ts";
import { wrongReads } from "./offset-reads.ts";

const checker = "committed-offset-kept";

export const committedOffsetKept: GroupChecker = (history, facts) =>
  wrongReads(history, facts)
    .filter(({ kind }) => kind === "absent")
    .slice(0, anomaliesPerCheckerMax)
    .map(({ text }) => ({ checker, text }));
