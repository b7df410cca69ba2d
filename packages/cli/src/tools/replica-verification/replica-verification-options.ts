// The options of kafka-replica-verification.
import { JavaException } from "../../options/java-exception.ts";
import { valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";
import { type TopicFilter, topicFilter } from "../../options/topic-filter.ts";

export const replicaVerificationTable: OptionTable = new OptionTable([
  valued("broker-list", "hostname:port,...,hostname:port", "REQUIRED: the servers to connect to."),
  {
    ...valued("fetch-size", "bytes", "Bytes of a partition in each request."),
    type: "Integer",
    default: "1048576",
  },
  {
    ...valued("max-wait-ms", "ms", "How long each request may wait for records."),
    type: "Integer",
    default: "1000",
  },
  {
    ...valued("topics-include", "Java regex (String)", "Which topics to compare."),
    default: ".*",
  },
  {
    ...valued(
      "time",
      "timestamp/-1(latest)/-2(earliest)",
      "Where to begin: the end, the beginning, or a time.",
    ),
    type: "Long",
    default: "-1",
  },
  {
    ...valued("report-interval-ms", "ms", "How often the largest lag is told."),
    type: "Long",
    default: "30000",
  },
]);

/** The topics of `--topics-include`. Throws Kafka's text. */
export function includedTopics(expression: string): TopicFilter {
  try {
    new RegExp(expression);
  } catch {
    throw new JavaException("java.lang.RuntimeException", `${expression} is an invalid regex`);
  }
  return topicFilter(expression, false);
}

/** What Apache Kafka's tool ends with where a partition has no record at or after the wanted time. */
export function noSuchTime(): JavaException {
  return new JavaException(
    "java.lang.NullPointerException",
    'Cannot invoke "org.apache.kafka.clients.consumer.OffsetAndTimestamp.offset()" because the return value of ' +
      '"java.util.Map$Entry.getValue()" is null',
  );
}
