// The options of kafka-consumer-perf-test.
import { flag, type Option, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";

function number(
  name: string,
  type: "Integer" | "Long",
  placeholder: string,
  meaning: string,
  more: Partial<Option> = {},
): Option {
  return { name, argument: "required", type, placeholder, meaning, ...more };
}

export const consumerPerfOptions: OptionTable = new OptionTable([
  valued("bootstrap-server", "server to connect to", "REQUIRED: Brokers to begin with."),
  valued("topic", "topic", "The topic to read."),
  valued(
    "include",
    "Java regex (String)",
    "A regular expression; every topic whose name it matches is read.",
  ),
  valued("group", "gid", "The group to be a member of; a new one when left out."),
  number("fetch-size", "Integer", "size", "Bytes of a partition in one answer.", { default: "1048576" }),
  valued("command-property", "prop1=val1", "A key=value setting of the consumer."),
  flag(
    "from-latest",
    "Begins behind the last record where the group has no offset, instead of at the first.",
  ),
  number("socket-buffer-size", "Integer", "size", "Bytes of the socket's buffer.", { default: "2097152" }),
  valued("consumer.config", "config file", "DEPRECATED, use --command-config."),
  valued(
    "command-config",
    "config file",
    "Properties file for the consumer; --command-property wins over it.",
  ),
  flag("print-metrics", "Prints the consumer's metrics at the end."),
  flag("show-detailed-stats", "Prints a line every --reporting-interval instead of one at the end."),
  number("timeout", "Long", "milliseconds", "Ends when no record comes for so long.", {
    argument: "optional",
    default: "10000",
  }),
  number("messages", "Long", "count", "DEPRECATED, use --num-records."),
  number("num-records", "Long", "count", "REQUIRED: How many records to read."),
  number("reporting-interval", "Long", "interval_ms", "Milliseconds from one line to the next.", {
    default: "5000",
  }),
  {
    ...valued("date-format", "date format", "How times are printed, as Java's SimpleDateFormat has it."),
    default: "yyyy-MM-dd HH:mm:ss:SSS",
  },
  flag("hide-header", "Leaves the names of the columns out."),
]);
