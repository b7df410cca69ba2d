// The leader's part of a rebalance: from what all members subscribe to, and what is known of those topics, to
// everybody's assignment as bytes.
import { errors, type JoinGroupResponse } from "@ottla/protocol";
import type { AssignableTopics, Assignor } from "../../assignors/assignor.ts";
import {
  decodeSubscription,
  encodeAssignment,
  type MemberSubscription,
} from "../../assignors/subscription.ts";
import type { MetadataCache } from "../../cluster/metadata-cache.ts";
import { KafkaError } from "../../errors/kafka-error.ts";

/** Subscriptions by member id. Throws `DecodeError` when a member sent something else. */
export function memberSubscriptions(
  members: readonly JoinGroupResponse.JoinGroupResponseMember[],
): Map<string, MemberSubscription> {
  return new Map(
    members.map(({ memberId, groupInstanceId, metadata }) => [
      memberId,
      decodeSubscription(metadata, groupInstanceId),
    ]),
  );
}

/** What is known of `topics`: partitions and the racks of their replicas. Unknown topics have no entry. */
export function assignableTopics(metadata: MetadataCache, topics: Iterable<string>): AssignableTopics {
  const known = new Map<string, string[][]>();
  for (const name of topics) {
    const topic = metadata.topic(name);
    if (topic === null || topic.partitions.length === 0) continue;
    const racks: string[][] = [];
    for (const partition of topic.partitions) {
      const names = (partition?.replicas ?? []).map((id) => metadata.node(id)?.rack ?? null);
      racks.push(names.filter((rack) => rack !== null));
    }
    known.set(name, racks);
  }
  return known;
}

/** Tells two states of knowledge apart: the leader rebalances when what it assigned by is out of date. */
export function topicsFingerprint(topics: AssignableTopics): string {
  return JSON.stringify([...topics].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Encoded assignments by member id. */
export function assignByLeader(
  assignor: Assignor,
  topics: AssignableTopics,
  subscriptions: ReadonlyMap<string, MemberSubscription>,
): { memberId: string; assignment: Uint8Array }[] {
  const result = assignor.assign(topics, subscriptions);
  return [...result].map(([memberId, partitions]) => ({
    memberId,
    assignment: encodeAssignment({ partitions, userData: null }),
  }));
}

/** The assignor that the coordinator chose among those that all members offered. */
export function chosenAssignor(assignors: readonly Assignor[], name: string | null): Assignor {
  const assignor = assignors.find((each) => each.name === name);
  if (assignor === undefined) {
    const text = `Coordinator selected invalid assignment protocol: ${name}`;
    throw new KafkaError(errors.INCONSISTENT_GROUP_PROTOCOL, text);
  }
  return assignor;
}
