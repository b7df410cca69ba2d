// Answers to members that wait in a group. They leave after the present decision, see ShardContext.
import type { JoinGroupResponse, SyncGroupResponse } from "@ottla/protocol";
import type { GroupServices } from "../group/group-services.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { ClassicMember } from "./classic-member.ts";

/** Answers the JoinGroup that the member waits for, if it does. */
export function answerJoin(
  services: GroupServices,
  group: ClassicGroup,
  member: ClassicMember,
  response: JoinGroupResponse,
): void {
  const answer = group.takeJoin(member);
  if (answer !== null) services.context.answerLater(() => answer(response));
}

/** Answers the SyncGroup that the member waits for, if it does. */
export function answerSync(
  services: GroupServices,
  member: ClassicMember,
  response: SyncGroupResponse,
): void {
  const answer = member.awaitingSync;
  member.awaitingSync = null;
  if (answer !== null) services.context.answerLater(() => answer(response));
}
