// P7: a committed offset is never told again once it was replaced, and one that was refused is never told.
import type { GroupChecker } from "../../group-history.ts";
import { anomaliesPerCheckerMax } from "../../history.ts";
import { wrongReads } from "./offset-reads.ts";

const checker = "committed-offset-never-back";

export const committedOffsetNeverBack: GroupChecker = (history, facts) =>
  wrongReads(history, facts)
    .filter(({ kind }) => kind !== "absent")
    .slice(0, anomaliesPerCheckerMax)
    .map(({ text }) => ({ checker, text }));
