// OffsetDelete, and the offsets of topics that are deleted. Offsets of topics that a live group consumes
// stay.
import {
  errors,
  makeOffsetDeleteResponse,
  makeOffsetDeleteResponseOffsetDeleteResponsePartition,
  makeOffsetDeleteResponseOffsetDeleteResponseTopic,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
} from "@ottla/protocol";
import { type GroupChange, type GroupDecision, replyOnly } from "../group/group-decision.ts";
import type { GroupRecord } from "../group/group-record.ts";
import type { GroupServices } from "../group/group-services.ts";
import { offsetTombstone } from "./tombstones.ts";

export function decideDeleteOffsets(
  services: GroupServices,
  request: OffsetDeleteRequest,
): GroupDecision<OffsetDeleteResponse> {
  const { groupId } = request;
  const { table, offsets, metrics } = services;
  if (!table.durable.has(groupId)) {
    return replyOnly(makeOffsetDeleteResponse({ errorCode: errors.GROUP_ID_NOT_FOUND.code }));
  }
  const group = table.live.get(groupId);
  if (group !== undefined && group.state !== "Empty" && !group.usesConsumerProtocol) {
    return replyOnly(makeOffsetDeleteResponse({ errorCode: errors.NON_EMPTY_GROUP.code }));
  }
  const records: GroupRecord[] = [];
  const topics = request.topics.map(({ name, partitions }) => {
    const isSubscribed = group?.isSubscribedTo(name) ?? false;
    const errorCode = (isSubscribed ? errors.GROUP_SUBSCRIBED_TO_TOPIC : errors.NONE).code;
    return makeOffsetDeleteResponseOffsetDeleteResponseTopic({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        const isThere =
          offsets.committed.get(groupId, name, partitionIndex) !== undefined ||
          offsets.hasPending(groupId, name, partitionIndex);
        if (isThere && !isSubscribed) records.push(offsetTombstone(groupId, name, partitionIndex));
        return makeOffsetDeleteResponseOffsetDeleteResponsePartition({ partitionIndex, errorCode });
      }),
    });
  });
  metrics.offsetDeletions += records.length;
  return { records, reply: makeOffsetDeleteResponse({ topics }), atomic: true };
}

/** Offsets of topics that are no more. */
export function decideTopicsDeleted(services: GroupServices, names: ReadonlySet<string>): GroupChange {
  const { offsets } = services;
  const records: GroupRecord[] = [];
  for (const groupId of new Set(offsets.groupIds())) {
    for (const table of [offsets.committed, ...offsets.pendingTables(groupId)]) {
      for (const topic of names) {
        for (const partition of table.partitions(groupId, topic)) {
          records.push(offsetTombstone(groupId, topic, partition));
        }
      }
    }
  }
  services.metrics.offsetDeletions += records.length;
  return { records, reply: undefined, atomic: false };
}
