// The arguments of kafka-verifiable-producer.
import type { Argument, ArgumentCommand } from "../../options/argument-parser.ts";

const USAGE = `usage: verifiable-producer [-h] --topic TOPIC [--max-messages MAX-MESSAGES]
                           [--throughput THROUGHPUT] [--acks ACKS]
                           [--producer.config CONFIG-FILE]
                           [--message-create-time CREATE-TIME]
                           [--value-prefix VALUE-PREFIX]
                           [--repeating-keys REPEATING-KEYS]
                           [--command-config CONFIG-FILE]
                           --bootstrap-server HOST1:PORT1[,HOST2:PORT2[...]]`;

function argument(
  long: string,
  placeholder: string,
  meaning: string,
  more: Partial<Argument> = {},
): Argument {
  return { long, short: "", placeholder, meaning, ...more };
}

export const verifiableProducerCommand: ArgumentCommand = {
  name: "verifiable-producer",
  usage: USAGE,
  meaning:
    "Sends increasing integers to a topic and prints a line of JSON for each answer, so that it can be seen from " +
    "outside which records were acknowledged.",
  options: [
    argument("--topic", "TOPIC", "The topic to write to.", { isRequired: true }),
    argument("--bootstrap-server", "HOST1:PORT1[,HOST2:PORT2[...]]", "REQUIRED: Brokers to begin with.", {
      group: 1,
      isGroupRequired: true,
    }),
    argument("--max-messages", "MAX-MESSAGES", "How many records to send; below zero: until stopped.", {
      type: "Integer",
    }),
    argument("--throughput", "THROUGHPUT", "Records a second; below zero: as many as possible.", {
      type: "Integer",
    }),
    argument("--acks", "ACKS", "Who must have a record: 0 nobody, 1 the leader, -1 all in sync.", {
      type: "Integer",
      choices: ["0", "1", "-1"],
    }),
    argument("--producer.config", "CONFIG-FILE", "DEPRECATED, use --command-config."),
    argument("--message-create-time", "CREATE-TIME", "Timestamp of the first record in ms since 1970.", {
      type: "Long",
    }),
    argument("--value-prefix", "VALUE-PREFIX", "A number in front of each value, with a dot behind it.", {
      type: "Integer",
    }),
    argument("--repeating-keys", "REPEATING-KEYS", "Keys count from 0 to this number, over and over.", {
      type: "Integer",
    }),
    argument("--command-config", "CONFIG-FILE", "Properties file for the producer."),
  ],
};
