// An offset that nobody uses goes once its retention is over: the last look at the forgotten group shows
// none.
import type { GroupChecker } from "../../group-history.ts";

const checker = "unused-offsets-expire";

export const unusedOffsetsExpire: GroupChecker = (history, { forgottenGroup }) => {
  if (forgottenGroup === null) return [];
  const last = history.findLast((event) => event.f === "offsets" && event.group === forgottenGroup);
  if (last?.f !== "offsets") return [{ checker, text: `nobody looked at ${forgottenGroup}` }];
  if (last.found.length === 0) return [];
  return [{ checker, text: `${forgottenGroup} still has ${JSON.stringify(last.found)}` }];
};
