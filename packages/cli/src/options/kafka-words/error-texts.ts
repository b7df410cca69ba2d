// What Kafka's tools say of an error when the broker sent a code without a message. Scripts look for these
// lines, so they are word for word; all other errors are told in the words of our own error table.

/** Text by name of the error. */
export const kafkaErrorTexts: ReadonlyMap<string, string> = new Map([
  ["UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition."],
  [
    "OFFSET_OUT_OF_RANGE",
    "The requested offset is not within the range of offsets maintained by the server.",
  ],
  ["GROUP_ID_NOT_FOUND", "The group id does not exist."],
  ["NON_EMPTY_GROUP", "The group is not empty."],
  [
    "GROUP_SUBSCRIBED_TO_TOPIC",
    "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.",
  ],
  ["POLICY_VIOLATION", "Request parameters do not satisfy the configured policy."],
  ["TOPIC_AUTHORIZATION_FAILED", "Topic authorization failed."],
  ["CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed."],
  [
    "MESSAGE_TOO_LARGE",
    "The request included a message larger than the max message size the server will accept.",
  ],
  ["NOT_ENOUGH_REPLICAS", "Messages are rejected since there are fewer in-sync replicas than required."],
]);
