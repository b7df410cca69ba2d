// Who this member is in which generation of its group.

export interface Generation {
  /** −1: in none. */
  readonly generationId: number;
  /** Empty: the coordinator has given none yet. */
  readonly memberId: string;
  /** Name of the assignor that the group agreed on; null: none. */
  readonly protocolName: string | null;
}

export const NO_GENERATION: Generation = { generationId: -1, memberId: "", protocolName: null };

/** Where a member stands in the dance of a rebalance. */
export type MemberState = "unjoined" | "preparing-rebalance" | "completing-rebalance" | "stable";

/** What becomes of the membership when a consumer closes. */
export type GroupMembershipOperation = "default" | "leave-group" | "remain-in-group";
