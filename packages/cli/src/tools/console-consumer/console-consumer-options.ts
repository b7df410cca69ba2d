// The options of kafka-console-consumer.
import { flag, type Option, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";
import { DEFAULT_FORMATTER_CLASS } from "./formatters/find-formatter.ts";

const FORMATTER_PROPERTIES = `A key=value property of the formatter. The default one knows:
 print.timestamp=true|false
 print.key=true|false
 print.offset=true|false
 print.delivery=true|false
 print.epoch=true|false
 print.partition=true|false
 print.headers=true|false
 print.value=true|false
 key.separator=<key.separator>
 line.separator=<line.separator>
 headers.separator=<headers.separator>
 null.literal=<null.literal>
 key.deserializer=<key.deserializer>
 value.deserializer=<value.deserializer>
 headers.deserializer=<headers.deserializer>`;

function number(name: string, type: "Integer" | "Long", placeholder: string, meaning: string): Option {
  return { name, argument: "required", type, placeholder, meaning };
}

export const consoleConsumerOptions: OptionTable = new OptionTable([
  valued("topic", "topic", "The topic to read."),
  valued(
    "include",
    "Java regex (String)",
    "A regular expression; every topic whose name it matches is read.",
  ),
  number(
    "partition",
    "Integer",
    "partition",
    "The one partition to read, from its end unless --offset says more.",
  ),
  {
    ...valued(
      "offset",
      "consume offset",
      "Where to begin in the partition: a number, 'earliest' or 'latest'.",
    ),
    default: "latest",
  },
  valued("consumer-property", "consumer_prop", "DEPRECATED, use --command-property."),
  valued("command-property", "consumer_prop", "A key=value setting of the consumer."),
  valued("consumer.config", "config file", "DEPRECATED, use --command-config."),
  valued(
    "command-config",
    "config file",
    "Properties file for the consumer; --command-property wins over it.",
  ),
  { ...valued("formatter", "class", "The class that prints records."), default: DEFAULT_FORMATTER_CLASS },
  valued("property", "prop", "DEPRECATED, use --formatter-property."),
  valued("formatter-property", "prop", FORMATTER_PROPERTIES),
  valued(
    "formatter-config",
    "config file",
    "Properties file for the formatter; --formatter-property wins over it.",
  ),
  flag(
    "from-beginning",
    "Begins at the first record where the group has no offset, instead of behind the last.",
  ),
  number(
    "max-messages",
    "Integer",
    "num_messages",
    "Ends after so many records; without it, goes on until stopped.",
  ),
  number("timeout-ms", "Long", "timeout_ms", "Ends when no record comes for so long."),
  flag("skip-message-on-error", "Goes on behind a record that cannot be printed."),
  valued("bootstrap-server", "server to connect to", "REQUIRED: Brokers to begin with."),
  valued("key-deserializer", "deserializer for keys", "The class that makes texts of keys."),
  valued("value-deserializer", "deserializer for values", "The class that makes texts of values."),
  flag("enable-systest-events", "Prints when the consumer has stopped; for system tests."),
  {
    ...valued("isolation-level", null, "read_committed leaves out what transactions have not committed."),
    default: "read_uncommitted",
  },
  valued("group", "consumer group id", "The group to be a member of."),
]);
