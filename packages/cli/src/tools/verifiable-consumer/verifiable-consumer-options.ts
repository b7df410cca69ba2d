// The arguments of kafka-verifiable-consumer.
import type { Argument, ArgumentCommand } from "../../options/argument-parser.ts";

const USAGE = `usage: verifiable-consumer [-h] --topic TOPIC
                           [--group-protocol GROUP-PROTOCOL]
                           [--group-remote-assignor GROUP-REMOTE-ASSIGNOR]
                           --group-id GROUP-ID
                           [--group-instance-id GROUP-INSTANCE-ID]
                           [--max-messages MAX-MESSAGES]
                           [--session-timeout TIMEOUT-MS] [--verbose]
                           [--enable-autocommit]
                           [--reset-policy RESET-POLICY]
                           [--assignment-strategy ASSIGNMENT-STRATEGY]
                           [--consumer.config CONFIG-FILE]
                           [--command-config CONFIG-FILE]
                           --bootstrap-server HOST1:PORT1[,HOST2:PORT2[...]]`;

function argument(
  long: string,
  placeholder: string | null,
  meaning: string,
  more: Partial<Argument> = {},
): Argument {
  return { long, short: "", placeholder, meaning, ...more };
}

export const verifiableConsumerCommand: ArgumentCommand = {
  name: "verifiable-consumer",
  usage: USAGE,
  meaning:
    "Reads a topic as a member of a group and prints a line of JSON for everything that happens to it.",
  options: [
    argument("--bootstrap-server", "HOST1:PORT1[,HOST2:PORT2[...]]", "REQUIRED: Brokers to begin with.", {
      group: 1,
      isGroupRequired: true,
    }),
    argument("--topic", "TOPIC", "The topic to read.", { isRequired: true }),
    argument("--group-protocol", "GROUP-PROTOCOL", "classic or consumer."),
    argument("--group-remote-assignor", "GROUP-REMOTE-ASSIGNOR", "Who assigns, with the consumer protocol."),
    argument("--group-id", "GROUP-ID", "The group to be a member of.", { isRequired: true }),
    argument("--group-instance-id", "GROUP-INSTANCE-ID", "The name of this member across restarts."),
    argument("--max-messages", "MAX-MESSAGES", "How many records to read; below zero: until stopped.", {
      type: "Integer",
    }),
    argument("--session-timeout", "TIMEOUT-MS", "How long the group waits for a silent member.", {
      type: "Integer",
    }),
    argument("--verbose", null, "Prints each record too."),
    argument("--enable-autocommit", null, "Lets the consumer commit by itself."),
    argument("--reset-policy", "RESET-POLICY", "Where to begin without a committed offset."),
    argument("--assignment-strategy", "ASSIGNMENT-STRATEGY", "Who assigns, with the classic protocol."),
    argument("--consumer.config", "CONFIG-FILE", "DEPRECATED, use --command-config."),
    argument("--command-config", "CONFIG-FILE", "Properties file for the consumer."),
  ],
};
