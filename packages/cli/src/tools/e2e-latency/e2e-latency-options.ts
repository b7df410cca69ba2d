// The options of kafka-e2e-latency, and their older form without names.
import { type Option, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";

function number(name: string, placeholder: string, meaning: string, more: Partial<Option> = {}): Option {
  return { name, argument: "required", type: "Integer", placeholder, meaning, ...more };
}

const optional = { argument: "optional", default: "0" } as const;

export const e2eLatencyOptions: OptionTable = new OptionTable([
  valued(
    "bootstrap-server",
    "bootstrap-server",
    "REQUIRED: Brokers to begin with, as HOST1:PORT1,HOST2:PORT2.",
  ),
  valued("topic", "topic-name", "REQUIRED: The topic to write to and to read."),
  number("num-records", "count", "REQUIRED: How many records to send."),
  valued("producer-acks", "producer-acks", "REQUIRED: Who must have a record before it is read: 1 or all."),
  number("record-size", "bytes", "REQUIRED: Bytes of each value."),
  number("record-key-size", "bytes", "Bytes of each key; 0 for none.", optional),
  number("record-header-key-size", "bytes", "Bytes of each header's key.", optional),
  number("record-header-size", "bytes", "Bytes of each header's value.", optional),
  number("num-headers", "count", "Headers of each record.", optional),
  {
    name: "command-config",
    argument: "optional",
    placeholder: "config-file",
    meaning: "Properties file for all clients.",
  },
]);

/** What each word means where no option is named; the last may be left out. */
export const positionalOptions: readonly string[] = [
  "bootstrap-server",
  "topic",
  "num-records",
  "producer-acks",
  "record-size",
  "command-config",
];
