// Failures of group calls as kafka-consumer-groups shows them: wrapped as waiting for an answer wraps them.
import type { GroupDescription } from "@ottla/client";
import { errorMessage, executionFailed, JavaException, specOf } from "../../options/java-exception.ts";

/** The group of this id. Throws the failure of its description. */
export function describedGroup(
  found: ReadonlyMap<string, GroupDescription | Error>,
  groupId: string,
): GroupDescription {
  const group = found.get(groupId);
  if (group === undefined) throw new Error(`no answer for group ${groupId}`);
  if (group instanceof Error) throw executionFailed(group);
  return group;
}

/** Whether the coordinator does not know the group. */
export function isUnknownGroup(error: unknown): boolean {
  return specOf(error)?.name === "GROUP_ID_NOT_FOUND";
}

/** The same error as a `RuntimeException` around it. */
export function runtimeFailed(cause: unknown): JavaException {
  const line = cause instanceof JavaException ? `${cause.exception}: ${cause.message}` : errorMessage(cause);
  return new JavaException("java.lang.RuntimeException", line, { cause });
}
