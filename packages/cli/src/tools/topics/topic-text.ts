// The lines of kafka-topics --describe for one topic. Pure.
import type { TopicDescription } from "@ottla/client";
import { ZERO_UUID } from "@ottla/protocol";
import type { GivenOptions } from "../../options/given-options.ts";
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";

type Partition = TopicDescription["partitions"][number];

/** A move of a partition under way: brokers by id. */
export interface Reassignment {
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

/** One setting of a topic. */
interface TopicSetting {
  readonly name: string;
  readonly value: string | null;
  readonly isDefault: boolean;
}

/** A topic and what else its lines tell. */
export interface DescribedTopic {
  readonly topic: TopicDescription;
  readonly configs: readonly TopicSetting[];
  readonly liveBrokers: ReadonlySet<number>;
  /** By `topic-partition`. */
  readonly reassignments: ReadonlyMap<string, Reassignment>;
}

/** The topic's line, if the options ask for it, and those of its partitions that they ask for. */
export function topicText(described: DescribedTopic, given: GivenOptions): string {
  const isFiltered =
    given.has("under-replicated-partitions") ||
    given.has("unavailable-partitions") ||
    given.has("under-min-isr-partitions") ||
    given.has("at-min-isr-partitions");
  const overridesOnly = given.has("topics-with-overrides");
  let text = "";
  if (!isFiltered && (!overridesOnly || described.configs.some(({ isDefault }) => !isDefault))) {
    text += headLine(described);
  }
  if (overridesOnly) return text;
  for (const partition of described.topic.partitions.toSorted((a, b) => a.partition - b.partition)) {
    if (!isFiltered || isAskedFor(described, partition, given)) text += partitionLine(described, partition);
  }
  return text;
}

function headLine({ topic, configs, reassignments }: DescribedTopic): string {
  const [first] = topic.partitions;
  const byName = new Map(configs.map((config) => [config.name, config]));
  const overrides = javaNameOrder(byName.keys(), configs.length)
    .filter((name) => byName.get(name)?.isDefault === false)
    .map((name) => `${name}=${byName.get(name)?.value}`);
  const id = topic.topicId === ZERO_UUID ? "" : `\tTopicId: ${topic.topicId}`;
  const factor = first === undefined ? 0 : replicationFactor(topic.name, first, reassignments);
  return (
    `Topic: ${topic.name}${id}\tPartitionCount: ${topic.partitions.length}` +
    `\tReplicationFactor: ${factor}\tConfigs: ${overrides.join(",")}\n`
  );
}

function partitionLine({ topic, reassignments }: DescribedTopic, partition: Partition): string {
  const move = reassignments.get(`${topic.name}-${partition.partition}`);
  const moving =
    move === undefined
      ? ""
      : `\tAdding Replicas: ${move.addingReplicas.join(",")}\tRemoving Replicas: ${move.removingReplicas.join(",")}`;
  return (
    `\tTopic: ${topic.name}\tPartition: ${partition.partition}\tLeader: ${partition.leader?.id ?? "none"}` +
    `\tReplicas: ${ids(partition.replicas)}\tIsr: ${ids(partition.isr)}${moving}` +
    `\tElr: ${ids(partition.elr)}\tLastKnownElr: ${ids(partition.lastKnownElr)}\n`
  );
}

/** Null where the broker could not tell. */
function ids(nodes: readonly { readonly id: number }[] | null): string {
  return nodes === null ? "N/A" : nodes.map(({ id }) => id).join(",");
}

function replicationFactor(
  topic: string,
  partition: Partition,
  reassignments: ReadonlyMap<string, Reassignment>,
): number {
  const adding = reassignments.get(`${topic}-${partition.partition}`)?.addingReplicas.length ?? 0;
  return partition.replicas.length - adding;
}

function isAskedFor(described: DescribedTopic, partition: Partition, given: GivenOptions): boolean {
  const { topic, configs, liveBrokers, reassignments } = described;
  const inSync = partition.isr.length;
  const minInSync = Number(configs.find(({ name }) => name === "min.insync.replicas")?.value ?? 1);
  const isUnavailable = partition.leader === null || !liveBrokers.has(partition.leader.id);
  return (
    (given.has("under-replicated-partitions") &&
      inSync < replicationFactor(topic.name, partition, reassignments)) ||
    (given.has("unavailable-partitions") && isUnavailable) ||
    (given.has("under-min-isr-partitions") && inSync < minInSync) ||
    (given.has("at-min-isr-partitions") && inSync === minInSync)
  );
}
