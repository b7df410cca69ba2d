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
    api: "Produce",
    scenario: "lengths that are too long, too short, zero and negative",
    path: /\.errorCode$/,
    reason:
      "A length of 2^31-1 overflows in Apache Kafka (UNKNOWN_SERVER_ERROR); here it is an INVALID_RECORD.",
    allows: ({ kafka, ottla }) => kafka === -1 && ottla === 87,
  },
  {
    api: "DescribeConfigs",
    path: /\.documentation$/,
    reason: "The descriptions of configs are our own words.",
    allows: areTexts,
  },
];
