// kafka-topics --alter and --delete.
import type { Admin } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { findExistingTopics } from "./find-topics.ts";
import { parseReplicaAssignment } from "./replica-assignment.ts";

/** Gives the topics more partitions. */
export async function alterTopics(admin: Admin, given: GivenOptions): Promise<void> {
  const totalCount = given.number("partitions") ?? -1;
  const assignmentText = given.value("replica-assignment");
  const assignment = assignmentText === null ? null : parseReplicaAssignment(assignmentText);
  const names = await findExistingTopics(admin, given);
  if (names.length === 0) return;
  const counts = assignment === null ? null : await partitionCounts(admin, names);
  const wanted = names.map((name) => {
    if (assignment === null) return [name, { totalCount }] as const;
    // What is said of partitions that are there already is passed over.
    const assignments = [...assignment.values()].slice(counts?.get(name) ?? 0);
    return [name, { totalCount, assignments }] as const;
  });
  throwFirst(await admin.createPartitions(new Map(wanted)));
}

/** Deletes the topics. */
export async function deleteTopics(admin: Admin, given: GivenOptions): Promise<void> {
  const names = await findExistingTopics(admin, given);
  if (names.length > 0) throwFirst(await admin.deleteTopics({ names }));
}

async function partitionCounts(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const [name, topic] of await admin.describeTopics({ names })) {
    if (topic instanceof Error) throw topic;
    counts.set(name, topic.partitions.length);
  }
  return counts;
}

function throwFirst(results: ReadonlyMap<unknown, unknown>): void {
  for (const result of results.values()) if (result instanceof Error) throw result;
}
