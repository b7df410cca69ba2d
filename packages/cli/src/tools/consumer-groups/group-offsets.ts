// Offsets that describing and resetting ask for: committed ones, and those of a log. By `topic-partition`.
import {
  type Admin,
  type CallOptions,
  type CommittedOffset,
  offsetSpecs,
  type TopicPartition,
  type TopicPartitionMap,
} from "@ottla/client";
import { executionFailed } from "../../options/java-exception.ts";

/** Offsets found, by `topic-partition`; none where there is none. */
export type FoundOffsets = ReadonlyMap<string, number>;

/** What the group committed; nothing for a group that nobody knows. */
export async function committedOffsets(
  admin: Admin,
  groupId: string,
  options: CallOptions,
): Promise<TopicPartitionMap<CommittedOffset | null>> {
  const result = (await admin.listConsumerGroupOffsets(new Map([[groupId, null]]), options)).get(groupId);
  if (result === undefined) throw new Error(`no answer for group ${groupId}`);
  if (result instanceof Error) throw executionFailed(result);
  return result;
}

/** Where the logs end. */
export function endOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
  options: CallOptions,
): Promise<FoundOffsets> {
  return logOffsets(admin, partitions, offsetSpecs.latest, options);
}

/** Where the logs begin. */
export function startOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
  options: CallOptions,
): Promise<FoundOffsets> {
  return logOffsets(admin, partitions, offsetSpecs.earliest, options);
}

/** Offsets of one of `offsetSpecs` or of a time; partitions that have none or are gone are left out. */
export async function logOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
  spec: number,
  options: CallOptions,
): Promise<FoundOffsets> {
  const specs = partitions.map((partition) => [partition, spec] as const);
  const offsets = new Map<string, number>();
  for (const [{ topic, partition }, result] of await admin.listOffsets(specs, options)) {
    if (!(result instanceof Error) && result.offset >= 0) offsets.set(`${topic}-${partition}`, result.offset);
  }
  return offsets;
}
