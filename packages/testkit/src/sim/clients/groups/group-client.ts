// What every client of groups has besides, and how it reads the coordinator's errors.
import { type ErrorSpec, errorForCode, errors } from "@ottla/protocol";
import type { GroupEvent } from "../../group-history.ts";
import type { SimClientContext } from "../sim-client.ts";

/** What a client of groups is given. */
export interface GroupClientContext extends SimClientContext {
  readonly recordGroup: (event: GroupEvent) => void;
  /** The length of the history: when an operation begins. */
  readonly stamp: () => number;
  /** Tells commits and deletions apart. */
  readonly nextId: () => number;
}

/** How an operation on offsets ended. */
export type Outcome = "ok" | "fail" | "info";

/** Answers after which an operation has certainly had no effect. */
const REFUSALS: readonly ErrorSpec[] = [
  errors.ILLEGAL_GENERATION,
  errors.UNKNOWN_MEMBER_ID,
  errors.FENCED_INSTANCE_ID,
  errors.REBALANCE_IN_PROGRESS,
  errors.COORDINATOR_LOAD_IN_PROGRESS,
  errors.GROUP_ID_NOT_FOUND,
  errors.NON_EMPTY_GROUP,
  errors.GROUP_SUBSCRIBED_TO_TOPIC,
];

export function outcomeOf(error: ErrorSpec): Outcome {
  if (error === errors.NONE) return "ok";
  return REFUSALS.includes(error) ? "fail" : "info";
}

/** Whether to ask again: the coordinator is elsewhere, loading, or slow. */
export function isTransient(error: ErrorSpec): boolean {
  return error.retriable && error !== errors.REBALANCE_IN_PROGRESS;
}

/** The error with this code; throws at one that a client of groups must not meet here. */
export function expectedError(code: number, what: string, expected: readonly ErrorSpec[]): ErrorSpec {
  const error = errorForCode(code);
  if (error === errors.NONE || isTransient(error) || expected.includes(error)) return error;
  throw new Error(`${what} was answered ${error.name}`);
}
