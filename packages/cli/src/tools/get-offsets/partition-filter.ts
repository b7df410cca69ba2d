// Which partitions kafka-get-offsets is asked about: `topic:0-3,other:5` or a topic and a list of partitions.
import { illegalArgument } from "../../options/java-exception.ts";
import { topicFilter } from "../../options/topic-filter.ts";

/** Whether a partition is asked for. */
export type PartitionFilter = (topic: string, partition: number) => boolean;

const RULE = /^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$/;

/** A list of rules split by commas; a partition must meet one. Throws Kafka's texts. */
export function filterOfRules(list: string): PartitionFilter {
  const filters = list.split(",").map(filterOfRule);
  return (topic, partition) => filters.some((filter) => filter(topic, partition));
}

function filterOfRule(rule: string): PartitionFilter {
  const match = RULE.exec(rule);
  if (match === null) throw illegalArgument(`Invalid rule specification: ${rule}`);
  const [, name, one, from, to] = match;
  const isTopic = topicFilter(name === undefined || name === "" ? null : name, false);
  if (one !== undefined && one !== "") {
    return (topic, partition) => isTopic(topic) && partition === Number(one);
  }
  const lower = from === undefined || from === "" ? 0 : Number(from);
  const upper = to === undefined || to === "" ? Number.POSITIVE_INFINITY : Number(to);
  return (topic, partition) => isTopic(topic) && partition >= lower && partition < upper;
}

/** A regular expression over topics and a list of partitions; null for any. Throws Kafka's texts. */
export function filterOfTopic(topicExpression: string | null, partitionList: string | null): PartitionFilter {
  const isTopic = topicFilter(topicExpression, false);
  if (partitionList === null || partitionList === "") return (topic) => isTopic(topic);
  const partitions = new Set(
    partitionList.split(",").map((text) => {
      if (/^\d+$/.test(text)) return Number(text);
      throw illegalArgument(
        `--partitions expects a comma separated list of numeric partition ids, but received: ${partitionList}`,
      );
    }),
  );
  return (topic, partition) => isTopic(topic) && partitions.has(partition);
}
