// Where Ottla may answer otherwise than Apache Kafka 4.3.1, each with its reason. An entry that matches
// nothing in a full run is stale. The list is short on purpose: what is not here is a bug of one of the two.
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { Difference } from "./compare.ts";
import { absent } from "./compare.ts";
import { newerIn44, servedByBoth } from "./served-apis.ts";

/** A normalised answer. */
export type Answer = Readonly<Record<string, unknown>>;

/** One allowed kind of difference. `api` is the reported name, "*" any. */
export interface AllowedDifference {
  readonly api: string;
  readonly reason: string;
  /** Where in the answer; left out: nowhere, the entry is of whole answers. */
  readonly path?: RegExp;
  /** The scenario's sentence; left out: any. */
  readonly scenario?: string;
  /** Narrows further, by both values. */
  allows?(difference: Difference): boolean;
  /** Apache Kafka never answers the request: whether Ottla's answer is the one explained. */
  answersAlone?(answer: Answer): boolean;
}

/** Every error code of the elements of `list`, an array keyed by name. */
function errorCodes(list: unknown): unknown[] {
  return Object.values((list ?? {}) as Record<string, Answer>).map((element) => element["errorCode"]);
}

function areTexts({ kafka, ottla }: Difference): boolean {
  return typeof kafka === "string" && kafka !== "" && typeof ottla === "string" && ottla !== "";
}

/**
 * Apache Kafka answers -1 (UNKNOWN_SERVER_ERROR) as it fails by an exception of its own; Ottla says what is
 * wrong.
 */
function namesFault(
  api: string,
  scenario: string,
  { kafka: cause, ottla: error }: { readonly kafka: string; readonly ottla: ErrorSpec },
): AllowedDifference {
  return {
    api,
    scenario,
    path: /(^|\.)errorCode$/,
    reason: `Apache Kafka ${cause} and answers UNKNOWN_SERVER_ERROR; Ottla answers ${error.name}.`,
    allows: ({ kafka, ottla }) => kafka === errors.UNKNOWN_SERVER_ERROR.code && ottla === error.code,
  };
}

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
    path: /^apiKeys\.\d+\.maxVersion$/,
    reason: "Ottla speaks the protocol of Apache Kafka 4.4, which has a newer version of the API.",
    allows: ({ path, kafka, ottla }) =>
      Number(ottla) === Number(kafka) + 1 && newerIn44.has(Number(path.split(".")[1])),
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
    reason:
      "Apache Kafka fails on null records by an exception of its own and never answers, so the connection hangs; " +
      "Ottla answers INVALID_RECORD and appends nothing.",
    answersAlone: ({ responses }) => {
      const topics = Object.values((responses ?? {}) as Record<string, Answer>);
      const codes = topics.flatMap(({ partitionResponses }) => errorCodes(partitionResponses));
      return codes.length === 1 && codes[0] === errors.INVALID_RECORD.code;
    },
  },
  namesFault("Produce", "lengths that are too long, too short, zero and negative", {
    kafka: "throws on a batch too short for its own header",
    ottla: errors.INVALID_RECORD,
  }),
  namesFault("Metadata", "topic ids", {
    kafka: "throws on a topic with neither name nor id",
    ottla: errors.INVALID_REQUEST,
  }),
  namesFault("IncrementalAlterConfigs", "operations that do not exist", {
    kafka: "throws on an operation that it does not know",
    ottla: errors.INVALID_REQUEST,
  }),
  namesFault("DescribeTopicPartitions", "unknown and invalid names", {
    kafka: "throws on an empty name",
    ottla: errors.INVALID_TOPIC_EXCEPTION,
  }),
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
    api: "Fetch",
    scenario: "good, unknown and out of range together",
    path: /^responses\..*(#2|\.partitions\.2)$/,
    reason: "Apache Kafka names a topic again for its refused partitions; Ottla names it once.",
    allows: ({ kafka, ottla }) => kafka === absent || ottla === absent,
  },
  {
    api: "AlterConfigs",
    scenario: "the same resource twice",
    reason:
      "Apache Kafka finds no request left to forward and never answers, so the connection hangs; " +
      "Ottla answers INVALID_REQUEST for both, as Apache Kafka does for IncrementalAlterConfigs.",
    answersAlone: ({ responses }) => {
      const codes = errorCodes(responses);
      return codes.length === 2 && codes.every((code) => code === errors.INVALID_REQUEST.code);
    },
  },
  {
    api: "JoinGroup",
    scenario: "a protocol named twice",
    path: /^(protocolName|members\..*\.metadata)$/,
    reason:
      "Apache Kafka counts a protocol that one member names twice as if two members had it, and passes it over; " +
      "Ottla counts members.",
  },
  {
    api: "JoinGroup",
    scenario: "a subscription that ends too early",
    reason:
      "Apache Kafka fails on such a subscription by an exception of its own and never answers, so the member hangs; " +
      "Ottla takes it for one without topics.",
    answersAlone: ({ errorCode }) => errorCode === 0,
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
