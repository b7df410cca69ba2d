// Assignor `cooperative-sticky`: the sticky assignment for the cooperative protocol (KIP-429). A partition
// that changes hands is left out; its old owner sees it missing, revokes it and joins again, and the next
// assignment gives it away.
//
//   user data: generation int32, for leaders that do not know subscription version 2
import { Reader, Writer } from "@ottla/protocol";
import type { Assignor } from "../assignor.ts";
import type { MemberSubscription } from "../subscription.ts";
import { assignCooperatively } from "./assign-sticky.ts";
import { type MemberClaim, NO_GENERATION } from "./previous-owners.ts";

const USER_DATA_BYTES = 4;

function claimOf(subscription: MemberSubscription): MemberClaim {
  const { ownedPartitions: partitions, generationId, userData } = subscription;
  if (generationId >= 0) return { partitions, generation: generationId };
  if (userData === null) return { partitions, generation: null };
  const isReadable = userData.length >= USER_DATA_BYTES;
  return { partitions, generation: isReadable ? new Reader(userData).int32() : NO_GENERATION };
}

export const cooperativeStickyAssignor: Assignor = {
  name: "cooperative-sticky",
  protocols: ["cooperative", "eager"],
  userData({ generationId }) {
    const writer = new Writer();
    writer.int32(generationId);
    return writer.toBytes();
  },
  assign: (topics, subscriptions) => assignCooperatively(topics, subscriptions, claimOf),
};
