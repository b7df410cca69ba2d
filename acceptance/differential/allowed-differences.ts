// Where Ottla may answer otherwise than Apache Kafka 4.3.1, each with its reason. An entry that matches nothing in a full run is stale.
// The list is short on purpose: what is not here is a bug of one of the two.
import { apiKeys } from "@ottla/protocol";
import type { Difference } from "./compare.ts";
import { absent } from "./compare.ts";

/** One allowed kind of difference. `api` is the reported name, "*" any; `path` is met by the whole path. */
export interface AllowedDifference {
  readonly api: string;
  readonly path: RegExp;
  readonly reason: string;
  /** The scenario's sentence; left out: any. */
  readonly scenario?: string;
  /** What the label of the request ends with; left out: any. */
  readonly label?: string;
  /** Narrows further, by both values. */
  allows?(difference: Difference): boolean;
}

function areTexts({ kafka, ottla }: Difference): boolean {
  return typeof kafka === "string" && kafka !== "" && typeof ottla === "string" && ottla !== "";
}

/** What must be served, by API key; the rest of Kafka's APIs may still be missing. */
const servedByBoth: ReadonlySet<number> = new Set([
  apiKeys.Produce,
  apiKeys.Fetch,
  apiKeys.ListOffsets,
  apiKeys.Metadata,
  apiKeys.ApiVersions,
  apiKeys.CreateTopics,
  apiKeys.DeleteTopics,
  apiKeys.InitProducerId,
  apiKeys.OffsetForLeaderEpoch,
  apiKeys.DescribeConfigs,
  apiKeys.AlterConfigs,
  apiKeys.CreatePartitions,
  apiKeys.IncrementalAlterConfigs,
  apiKeys.DescribeCluster,
  apiKeys.BrokerRegistration,
  apiKeys.BrokerHeartbeat,
  apiKeys.AllocateProducerIds,
  apiKeys.DescribeTopicPartitions,
]);

export const allowedDifferences: readonly AllowedDifference[] = [
  {
    api: "*",
    path: /(^|\.)(errorMessage|batchIndexErrorMessage)$/,
    reason: "The words of a message are ours; that there is one is compared.",
    allows: (difference) =>
      areTexts(difference) && difference.ottla !== absent && difference.kafka !== absent,
  },
  {
    api: "*",
    path: /^apiKeys\.(\d+)$/,
    reason: "An API that is not served yet is not advertised.",
    allows: ({ path, ottla }) => ottla === absent && !servedByBoth.has(Number(path.slice("apiKeys.".length))),
  },
  {
    api: "*",
    path: /\.configs\.ottla\.[a-z.]+$/,
    reason: "Configs that Apache Kafka does not have, under our own prefix.",
    allows: ({ kafka }) => kafka === absent,
  },
  {
    api: "ApiVersions (controller)",
    path: /^apiKeys\.1$/,
    reason: "No other process tails the metadata log yet, so the controller's listener serves no Fetch.",
    allows: ({ ottla }) => ottla === absent,
  },
  {
    api: "Produce",
    scenario: "null records and empty records",
    path: /^/,
    reason:
      "Apache Kafka never answers a partition without bytes, and the connection hangs; Ottla refuses it.",
  },
  {
    api: "*",
    path: /(^|\.)errorCode$/,
    reason: "Apache Kafka runs into an exception of its own (UNKNOWN_SERVER_ERROR); Ottla names the fault.",
    allows: ({ kafka, ottla }) => kafka === -1 && typeof ottla === "number" && ottla > 0,
  },
  {
    api: "DescribeTopicPartitions",
    scenario: "unknown and invalid names",
    path: /\.topicAuthorizedOperations$/,
    reason:
      "Goes with the exception above: Apache Kafka fails on an empty name before it looks at operations.",
    allows: ({ kafka }) => kafka === -2147483648,
  },
  {
    api: "IncrementalAlterConfigs",
    scenario: "operations that do not exist",
    path: /\.errorMessage$/,
    reason: "The message that goes with the fault named above.",
    allows: ({ kafka, ottla }) => kafka === null && typeof ottla === "string",
  },
  {
    api: "Frames",
    path: /^(outcome|value)$/,
    reason:
      "A request that runs on past its end is damage: Ottla closes the connection, Apache Kafka does not look.",
    label: "with bytes behind",
    allows: ({ kafka, ottla }) => (kafka === "answered" ? ottla === "closed" : ottla === null),
  },
  {
    api: "Fetch",
    scenario: "good, unknown and out of range together",
    path: /^responses\..*(#2|\.partitions\.2)$/,
    reason: "Apache Kafka names a topic again for its refused partitions; Ottla names it once.",
  },
  {
    api: "AlterConfigs",
    scenario: "the same resource twice",
    path: /^/,
    reason: "Apache Kafka does not answer, and the connection hangs; Ottla refuses the resource.",
  },
  {
    api: "DescribeConfigs",
    path: /\.(max\.connection\.creation\.rate|max\.connections(\.per\.ip)?)(\.synonyms\[0\])?\.value$/,
    reason: "Ottla bounds connections by default, Apache Kafka does not.",
  },
  {
    api: "DescribeConfigs",
    path: /\.configs\.memory\.limit$/,
    reason: "The one budget from which Ottla derives its others; a config of our own.",
    allows: ({ kafka }) => kafka === absent,
  },
  {
    api: "DescribeConfigs",
    path: /\.documentation$/,
    reason: "Descriptions are our own words, and not written for every config.",
    allows: ({ kafka, ottla }) => typeof kafka === "string" && kafka !== absent && ottla !== absent,
  },
];
