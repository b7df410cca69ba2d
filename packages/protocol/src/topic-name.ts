// What a topic may be called. Names become directory names and parts of metric names, hence the small
// alphabet, and two names that differ only in "." and "_" collide there.
import { TOPIC_NAME_CHARACTERS_MAX } from "./limits.ts";

/** Topics that the cluster keeps for itself. */
export const internalTopics = {
  consumerOffsets: "__consumer_offsets",
  transactionState: "__transaction_state",
  shareGroupState: "__share_group_state",
} as const;

/** The topic of the metadata log; not an internal topic in Kafka's sense. */
export const CLUSTER_METADATA_TOPIC = "__cluster_metadata";

/** Why this is no topic name, as a sentence; null when it is one. */
export function topicNameProblem(name: string): string | null {
  if (name === "") return "the topic name is empty";
  if (name === "." || name === "..") return `the topic name cannot be "${name}"`;
  if (name.length > TOPIC_NAME_CHARACTERS_MAX) {
    return `the topic name has ${name.length} characters, more than ${TOPIC_NAME_CHARACTERS_MAX}`;
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `the topic name "${name}" has a character other than ASCII letters, digits, ".", "_" and "-"`;
  }
  return null;
}

export function isInternalTopic(name: string): boolean {
  return (
    name === internalTopics.consumerOffsets ||
    name === internalTopics.transactionState ||
    name === internalTopics.shareGroupState
  );
}

/** Whether the name has a character that metrics replace. */
export function hasCollisionCharacters(name: string): boolean {
  return /[._]/.test(name);
}

/** Whether the two names are one in metrics. */
export function topicNamesCollide(left: string, right: string): boolean {
  return left.replaceAll(".", "_") === right.replaceAll(".", "_");
}
