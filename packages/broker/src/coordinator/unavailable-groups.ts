// Stands in for the group coordinator where there is none: every request is answered
// COORDINATOR_NOT_AVAILABLE.
import type { GroupCoordinator } from "@ottla/coordinator";
import { coordinatorPartition, errors, KafkaError } from "@ottla/protocol";

/** A coordinator of no group, for `__consumer_offsets` of so many partitions. */
export function unavailableGroups(partitionCount: () => number): GroupCoordinator {
  const refuse = (): void => {
    throw new KafkaError(errors.COORDINATOR_NOT_AVAILABLE);
  };
  const ignore = (): void => {};
  return {
    partitionFor: (groupId) => coordinatorPartition(groupId, partitionCount()),
    load: ignore,
    unload: ignore,
    highWatermarkMoved: ignore,
    flush: ignore,
    close: ignore,
    joinGroup: refuse,
    syncGroup: refuse,
    heartbeat: refuse,
    leaveGroup: refuse,
    commitOffsets: refuse,
    fetchOffsets: refuse,
    deleteOffsets: refuse,
    describeGroups: refuse,
    listGroups: refuse,
    deleteGroups: refuse,
    topicsDeleted: ignore,
  };
}
