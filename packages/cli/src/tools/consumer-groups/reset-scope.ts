// Which partitions a reset is about.
import type { Admin, CallOptions, TopicPartition } from "@ottla/client";
import { parseJavaNumber } from "../../options/given-options.ts";
import { executionFailed, JavaException } from "../../options/java-exception.ts";
import { UsageError } from "../../options/option-error.ts";
import { runtimeFailed } from "./group-errors.ts";

/** `--topic` arguments: whole topics, and partitions named with them (`t:0,1`). Throws Kafka's texts. */
export function parseTopicPartitions(topicArguments: readonly string[]): {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
} {
  const topics = topicArguments.filter((argument) => !argument.includes(":"));
  const partitions = topicArguments.filter((argument) => argument.includes(":")).flatMap(namedPartitions);
  return { topics, partitions };
}

function namedPartitions(argument: string): readonly TopicPartition[] {
  const parts = argument.split(":");
  const [topic = "", list = ""] = parts;
  if (parts.length !== 2 || list === "") {
    throw new UsageError(`Invalid topic arg '${argument}', expected topic name and partitions`);
  }
  return list.split(",").map((text) => {
    const partition = parseJavaNumber("Integer", text);
    if (partition !== null) return { topic, partition };
    throw new UsageError(`Invalid partition '${text}' specified in topic arg '${argument}''`);
  });
}

/** The partitions that `--topic` arguments mean, once they are found to exist. */
export async function existingPartitions(
  admin: Admin,
  topicArguments: readonly string[],
  options: CallOptions,
): Promise<readonly TopicPartition[]> {
  const { topics, partitions } = parseTopicPartitions(topicArguments);
  const names = [...new Set([...topics, ...partitions.map(({ topic }) => topic)])];
  const known = new Map<string, readonly number[]>();
  for (const [topic, description] of await admin.describeTopics({ names }, options)) {
    if (description instanceof Error) {
      throw topics.includes(topic) ? description : runtimeFailed(executionFailed(description));
    }
    known.set(
      topic,
      description.partitions.map(({ partition }) => partition),
    );
  }
  const missing = partitions.filter(({ topic, partition }) => !known.get(topic)?.includes(partition));
  if (missing.length > 0) {
    throw new JavaException(
      "org.apache.kafka.common.errors.UnknownTopicOrPartitionException",
      `The partitions "${missing.map(({ topic, partition }) => `${topic}-${partition}`).join(",")}" do not exist`,
    );
  }
  const whole = topics.flatMap((topic) =>
    (known.get(topic) ?? []).map((partition) => ({ topic, partition })),
  );
  return [...partitions, ...whole];
}
