// kafka-topics --create.
import type { Admin } from "@ottla/client";
import { validateTopicConfigs } from "@ottla/config";
import { hasCollisionCharacters } from "@ottla/protocol";
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument, JavaException, specOf } from "../../options/java-exception.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { parseReplicaAssignment } from "./replica-assignment.ts";

const REPLICATION_FACTOR_MAX = 32_767;

/** Creates the topic and tells so. Throws what the tool prints. */
export async function createTopic(admin: Admin, given: GivenOptions, host: ToolHost): Promise<void> {
  const name = given.value("topic") ?? "";
  const partitions = given.number("partitions");
  const replicationFactor = given.number("replication-factor");
  const assignmentText = given.value("replica-assignment");
  const assignments = assignmentText === null ? null : parseReplicaAssignment(assignmentText);
  const configs = topicConfigs(given.values("config"));
  if (hasCollisionCharacters(name)) {
    host.out(
      "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could " +
        "collide. To avoid issues it is best to use either, but not both.\n",
    );
  }
  if (replicationFactor !== null && (replicationFactor < 1 || replicationFactor > REPLICATION_FACTOR_MAX)) {
    throw illegalArgument(`The replication factor must be between 1 and ${REPLICATION_FACTOR_MAX} inclusive`);
  }
  if (partitions !== null && partitions < 1) throw illegalArgument("The partitions must be greater than 0");
  if (name === "") {
    throw new JavaException(
      "org.apache.kafka.common.errors.InvalidTopicException",
      "The given topic name '' cannot be represented in a request.",
    );
  }
  const created = await admin.createTopics([
    {
      name,
      numPartitions: partitions ?? -1,
      replicationFactor: replicationFactor ?? -1,
      configs,
      ...(assignments === null ? {} : { assignments }),
    },
  ]);
  const result = created.get(name);
  if (result instanceof Error) {
    if (specOf(result)?.name === "TOPIC_ALREADY_EXISTS" && given.has("if-not-exists")) return;
    throw result;
  }
  host.out(`Created topic ${name}.\n`);
}

/** Settings of `name=value`, checked here already: a typing error needs no broker to be found. */
function topicConfigs(pairs: readonly string[]): ReadonlyMap<string, string> {
  const configs = new Map<string, string>();
  for (const pair of pairs) {
    const parts = pair.split(/\s*=\s*/);
    if (parts.length !== 2) {
      throw illegalArgument(
        'requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".',
      );
    }
    configs.set((parts[0] ?? "").trim(), (parts[1] ?? "").trim());
  }
  const problem = validateTopicConfigs(configs, { brokerSettings: new Map() });
  if (problem?.startsWith("Unknown topic config name")) {
    throw new JavaException("org.apache.kafka.common.errors.InvalidConfigurationException", problem);
  }
  if (problem !== undefined && !problem.startsWith("Tiered Storage")) {
    throw new JavaException("org.apache.kafka.common.config.ConfigException", problem);
  }
  return configs;
}
