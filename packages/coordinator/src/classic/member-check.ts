// Whether a request comes from a member of the group, and from the present one where the group knows it by
// its instance id.
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { ClassicGroup } from "./classic-group.ts";

/** Null when it does. KIP-345: another member with the same instance id fences this one. */
export function memberProblem(
  group: ClassicGroup,
  memberId: string,
  groupInstanceId: string | null,
): ErrorSpec | null {
  if (groupInstanceId !== null) {
    const present = group.staticMembers.get(groupInstanceId);
    if (present === undefined) return errors.UNKNOWN_MEMBER_ID;
    if (present !== memberId) return errors.FENCED_INSTANCE_ID;
  }
  return group.members.has(memberId) ? null : errors.UNKNOWN_MEMBER_ID;
}
