// kafka-topics --describe: which topics, with what is known of each.
import { type Admin, configResourceTypes, type TopicDescription } from "@ottla/client";
import { isInternalTopic, parseUuid, type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument, specOf } from "../../options/java-exception.ts";
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { findExistingTopics } from "./find-topics.ts";
import { type DescribedTopic, type Reassignment, topicText } from "./topic-text.ts";

/** Prints the topics that the options ask for. */
export async function describeTopics(admin: Admin, given: GivenOptions, host: ToolHost): Promise<void> {
  const topics = await descriptions(admin, given, host);
  if (topics.length === 0) return;
  const [configs, cluster, reassignments] = await Promise.all([
    topicConfigs(
      admin,
      topics.map(({ name }) => name),
    ),
    admin.describeCluster(),
    ongoingReassignments(admin),
  ]);
  const liveBrokers = new Set(cluster.nodes.map(({ id }) => id));
  for (const topic of topics) {
    const described = { topic, configs: configs.get(topic.name) ?? [], liveBrokers, reassignments };
    host.out(topicText(described, given));
  }
}

async function descriptions(
  admin: Admin,
  given: GivenOptions,
  host: ToolHost,
): Promise<readonly TopicDescription[]> {
  const id = topicIdOf(given);
  if (id !== null) {
    if (given.has("if-exists") && given.has("topic")) {
      host.err(
        "Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID\n",
      );
    }
    return describedById(admin, given, id);
  }
  const names = await findExistingTopics(admin, given);
  if (names.length === 0) return [];
  const limit = given.number("partition-size-limit-per-response");
  const found = await admin.describeTopics({ names }, limit === null ? {} : { partitionsPerAnswer: limit });
  return javaNameOrder(found.keys(), names.length).map((name) => {
    const topic = found.get(name) as TopicDescription | Error;
    if (topic instanceof Error) throw topic;
    return topic;
  });
}

async function describedById(
  admin: Admin,
  given: GivenOptions,
  id: Uuid,
): Promise<readonly TopicDescription[]> {
  const listings = await admin.listTopics({ includeInternal: true });
  const listing = listings.find(({ topicId }) => topicId === id);
  if (listing === undefined || (given.has("exclude-internal") && isInternalTopic(listing.name))) {
    if (given.has("if-exists")) return [];
    throw illegalArgument(`TopicId '${id}' does not exist as expected`);
  }
  const topic = (await admin.describeTopics({ names: [listing.name] })).get(listing.name);
  if (topic === undefined || topic instanceof Error)
    throw topic ?? new Error(`no answer for ${listing.name}`);
  return [topic];
}

/** The id that --topic-id names; null for none, and for the one that means none. */
function topicIdOf(given: GivenOptions): Uuid | null {
  const text = given.value("topic-id");
  if (text === null) return null;
  if (text.length > 24) {
    throw illegalArgument(
      `Input string with prefix \`${text.slice(0, 24)}\` is too long to be decoded as a base64 UUID`,
    );
  }
  const id = parseUuid(text);
  if (id === null || id === undefined) {
    const bytes = Math.floor((text.replace(/=+$/, "").length * 3) / 4);
    throw illegalArgument(
      `Input string \`${text}\` decoded as ${bytes} bytes, which is not equal to the expected 16 bytes of a ` +
        "base64-encoded UUID",
    );
  }
  return id === ZERO_UUID ? null : id;
}

async function topicConfigs(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, DescribedTopic["configs"]>> {
  const resources = names.map((name) => ({ type: configResourceTypes.topic, name }));
  const configs = new Map<string, DescribedTopic["configs"]>();
  for (const [resource, result] of await admin.describeConfigs(resources)) {
    if (result instanceof Error) throw result;
    configs.set(resource.name, result);
  }
  return configs;
}

/** Every move under way, by `topic-partition`; none where the cluster has no such API. */
async function ongoingReassignments(admin: Admin): Promise<ReadonlyMap<string, Reassignment>> {
  try {
    const moves = await admin.listPartitionReassignments();
    return new Map(moves.map((move) => [`${move.topic}-${move.partition}`, move]));
  } catch (error) {
    const name = specOf(error)?.name;
    if (name === "UNSUPPORTED_VERSION" || name === "CLUSTER_AUTHORIZATION_FAILED") return new Map();
    throw error;
  }
}
