// The options of kafka-get-offsets.
import { offsetSpecs } from "@ottla/client";
import { parseJavaNumber } from "../../options/given-options.ts";
import { illegalArgument } from "../../options/java-exception.ts";
import { flag, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";

const times: ReadonlyMap<string, number> = new Map([
  ["latest", offsetSpecs.latest],
  ["earliest", offsetSpecs.earliest],
  ["max-timestamp", offsetSpecs.maxTimestamp],
  ["earliest-local", offsetSpecs.earliestLocal],
  ["latest-tiered", offsetSpecs.latestTiered],
  ["earliest-pending-upload", offsetSpecs.earliestPendingUpload],
]);

export const getOffsetsTable: OptionTable = new OptionTable([
  valued("bootstrap-server", "HOST1:PORT1,...,HOST3:PORT3", "REQUIRED. The servers to connect to."),
  valued(
    "topic-partitions",
    "topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3",
    "Which partitions of which topics, as rules split by commas. A rule is a regular expression over names (any name " +
      "when left out), then perhaps a colon and a partition, or a range of which the end does not count.",
  ),
  valued("topic", "topic", "The topics, as a regular expression. Not together with --topic-partitions."),
  valued(
    "partitions",
    "partition ids",
    "The partitions, split by commas; all when left out. Not together with --topic-partitions.",
  ),
  {
    ...valued(
      "time",
      "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / " +
        "-5 or latest-tiered / -6 or earliest-pending-upload",
      "Which offset to tell: one of these, or that of the first record at or after a timestamp in milliseconds; " +
        "partitions without such a record are left out.",
    ),
    default: "latest",
  },
  valued("command-config", "config file", "Properties file with settings of the client."),
  flag("exclude-internal-topics", "Leave internal topics out."),
]);

/** What --time means: one of `offsetSpecs` or milliseconds. Throws Kafka's text. */
export function parseTime(text: string): number {
  const time = times.get(text) ?? parseJavaNumber("Long", text);
  if (time !== null) return time;
  throw illegalArgument(
    `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / ` +
      "-4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format " +
      "timestamp",
  );
}
