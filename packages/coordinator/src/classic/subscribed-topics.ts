// Which topics the members of a group consume, as far as their metadata tells: that keeps the offsets of
// those topics.
import { DecodeError, decodeConsumerProtocolSubscription, Reader } from "@ottla/protocol";
import type { ClassicMember } from "./classic-member.ts";

/** Protocol type of consumers. */
export const CONSUMER_PROTOCOL_TYPE = "consumer";

/** Null: not a group of consumers, or metadata that cannot be read. */
export function subscribedTopicsOf(group: {
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly members: ReadonlyMap<string, ClassicMember>;
}): ReadonlySet<string> | null {
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) return null;
  const topics = new Set<string>();
  if (group.members.size === 0) return topics;
  if (group.protocolName === null) return null;
  for (const member of group.members.values()) {
    const reader = new Reader(member.metadata(group.protocolName));
    try {
      reader.int16();
      // Version 0 is how every later version begins.
      for (const topic of decodeConsumerProtocolSubscription(reader, 0).topics) topics.add(topic);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      return null;
    }
  }
  return topics;
}
