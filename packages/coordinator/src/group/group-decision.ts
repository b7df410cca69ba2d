// Decisions of group coordinators, and the usual ones.

import type { ErrorSpec } from "@ottla/protocol";
import type { Decision, DecisionTime } from "../runtime/decision.ts";
import type { GroupRecord } from "./group-record.ts";

export type GroupDecision<Reply> = Decision<Reply, GroupRecord>;

/** A change of a group; whoever is to hear of it is answered through soft state. */
export type GroupChange = GroupDecision<void>;

export const NOTHING: GroupChange = { records: [], reply: undefined, atomic: true };

/** Answers at once: it rests on soft state alone. */
export function softReply<Reply>(reply: Reply): GroupDecision<Reply> {
  return { records: [], reply, atomic: true, isSoft: true };
}

/** Answers once everything decided before is committed. */
export function replyOnly<Reply>(reply: Reply): GroupDecision<Reply> {
  return { records: [], reply, atomic: true };
}

/** Writes records, all or none, and hears what became of them. */
export function writeRecords(
  records: readonly GroupRecord[],
  settled: (error: ErrorSpec | null, now: DecisionTime) => void,
): GroupChange {
  return { records, reply: undefined, atomic: true, settled };
}
