// kafka-consumer-groups --delete and --delete-offsets.
import type { Admin, CallOptions, TopicPartition } from "@ottla/client";
import { errorLine, errorMessage, specOf } from "../../options/java-exception.ts";
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { parseTopicPartitions } from "./reset-scope.ts";
import { textTable } from "./text-table.ts";

/** Deletes groups and tells of each. */
export async function deleteGroups(
  admin: Admin,
  groupIds: readonly string[],
  options: CallOptions,
  host: ToolHost,
): Promise<void> {
  const results = await admin.deleteConsumerGroups(groupIds, options);
  const ids = javaNameOrder(results.keys());
  const deleted = ids.filter((id) => results.get(id) === null);
  const failed = ids.filter((id) => results.get(id) !== null);
  const quoted = `'${deleted.join("', '")}'`;
  if (failed.length === 0) {
    host.out(`Deletion of requested consumer groups (${quoted}) was successful.\n`);
    return;
  }
  host.out("\nError: Deletion of some consumer groups failed:\n");
  for (const id of failed) {
    host.out(`* Group '${id}' could not be deleted due to: ${errorLine(results.get(id))}\n`);
  }
  if (deleted.length > 0) host.out(`\nThese consumer groups were deleted successfully: ${quoted}\n`);
}

/** What became of the offset of a partition, or of a whole topic (−1). */
interface DeletedOffset extends TopicPartition {
  readonly error: Error | null;
}

/** Deletes offsets of a group and tells of each partition. */
export async function deleteOffsets(
  admin: Admin,
  groupId: string,
  topicArguments: readonly string[],
  options: CallOptions,
  host: ToolHost,
): Promise<void> {
  const { partitions, unknownTopics } = await topicPartitions(admin, topicArguments, options);
  const outcomes: DeletedOffset[] = unknownTopics.map(({ topic, error }) => ({
    topic,
    partition: -1,
    error,
  }));
  let failure: unknown = null;
  try {
    const results = await admin.deleteConsumerGroupOffsets(groupId, partitions, options);
    for (const [partition, error] of results) outcomes.push({ ...partition, error });
    failure = outcomes.find(({ partition, error }) => partition >= 0 && error !== null)?.error ?? null;
  } catch (error) {
    if (!(error instanceof Error) || specOf(error) === null) throw error;
    failure = error;
    outcomes.push(...partitions.map((partition) => ({ ...partition, error })));
  }
  host.out(headline(groupId, failure));
  const rows = outcomes
    .toSorted((a, b) => (`${a.topic}${a.partition}` < `${b.topic}${b.partition}` ? -1 : 1))
    .map(({ topic, partition, error }) => [
      topic,
      partition < 0 ? "-" : String(partition),
      error === null ? "Successful" : `Error: ${errorLine(error)}`,
    ]);
  const columns = [
    { heading: "TOPIC", widthMin: 15, isElastic: true as const },
    { heading: "PARTITION", widthMin: 10 },
    { heading: "STATUS", widthMin: 15 },
  ];
  host.out(textTable(columns, rows));
}

function headline(groupId: string, failure: unknown): string {
  switch (failure === null ? null : specOf(failure)?.name) {
    case null:
      return `Request succeeded for deleting offsets from group ${groupId}.\n`;
    case "GROUP_SUBSCRIBED_TO_TOPIC":
    case "TOPIC_AUTHORIZATION_FAILED":
    case "UNKNOWN_TOPIC_OR_PARTITION":
      return "\nError: Encountered some partition-level error, see the follow-up details.\n";
    default:
      return `\nError: ${errorMessage(failure)}\n`;
  }
}

async function topicPartitions(
  admin: Admin,
  topicArguments: readonly string[],
  options: CallOptions,
): Promise<{
  readonly partitions: readonly TopicPartition[];
  readonly unknownTopics: readonly { readonly topic: string; readonly error: Error }[];
}> {
  const { topics, partitions } = parseTopicPartitions(topicArguments);
  const found: TopicPartition[] = [...partitions];
  const unknownTopics: { topic: string; error: Error }[] = [];
  const descriptions =
    topics.length === 0 ? new Map() : await admin.describeTopics({ names: topics }, options);
  for (const [topic, description] of descriptions) {
    if (description instanceof Error) unknownTopics.push({ topic, error: description });
    else for (const { partition } of description.partitions) found.push({ topic, partition });
  }
  return { partitions: found, unknownTopics };
}
