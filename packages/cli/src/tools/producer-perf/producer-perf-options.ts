// The arguments of kafka-producer-perf-test.
import type { Argument, ArgumentCommand } from "../../options/argument-parser.ts";

const USAGE = `usage: kafka-producer-perf-test
       [-h] [--bootstrap-server BOOTSTRAP-SERVER] --topic TOPIC
       --num-records NUM-RECORDS [--payload-delimiter PAYLOAD-DELIMITER]
       --throughput THROUGHPUT
       [--producer-props PROP-NAME=PROP-VALUE [PROP-NAME=PROP-VALUE ...]]
       [--command-property PROP-NAME=PROP-VALUE [PROP-NAME=PROP-VALUE ...]]
       [--producer.config CONFIG-FILE] [--command-config CONFIG-FILE]
       [--print-metrics] [--transactional-id TRANSACTIONAL-ID]
       [--transaction-duration-ms TRANSACTION-DURATION]
       [--warmup-records WARMUP-RECORDS] [--reporting-interval INTERVAL-MS]
       (--record-size RECORD-SIZE | --payload-file PAYLOAD-FILE |
       --payload-monotonic)`;

const PAYLOAD = 1;

function argument(
  long: string,
  placeholder: string | null,
  meaning: string,
  more: Partial<Argument> = {},
): Argument {
  return { long, short: "", placeholder, meaning, ...more };
}

const payload = { group: PAYLOAD, isGroupRequired: true } as const;

/** Group and order are Kafka's: errors name the options in it. */
export const producerPerfCommand: ArgumentCommand = {
  name: "kafka-producer-perf-test",
  usage: USAGE,
  meaning:
    "Sends records as fast as it can, or at a given rate, and tells how many arrived and how long their answers " +
    "took. A transactional id, or a duration of transactions, makes it send in transactions.",
  options: [
    argument("--bootstrap-server", "BOOTSTRAP-SERVER", "Brokers to begin with, unless a setting names them."),
    argument("--topic", "TOPIC", "The topic to write to.", { isRequired: true }),
    argument("--num-records", "NUM-RECORDS", "How many records to send.", { isRequired: true, type: "Long" }),
    argument("--record-size", "RECORD-SIZE", "Bytes of each record's random letters.", {
      ...payload,
      type: "Integer",
    }),
    argument(
      "--payload-file",
      "PAYLOAD-FILE",
      "A file of values, one of which is drawn for each record.",
      payload,
    ),
    argument("--payload-monotonic", null, "The values are 0, 1, 2 and so on.", payload),
    argument(
      "--payload-delimiter",
      "PAYLOAD-DELIMITER",
      "What stands between values of the file; a line end.",
    ),
    argument("--throughput", "THROUGHPUT", "Records a second; -1 for as many as possible.", {
      isRequired: true,
      type: "Double",
    }),
    argument("--producer-props", "PROP-NAME=PROP-VALUE", "DEPRECATED, use --command-property.", {
      takesMany: true,
    }),
    argument("--command-property", "PROP-NAME=PROP-VALUE", "Settings of the producer.", { takesMany: true }),
    argument("--producer.config", "CONFIG-FILE", "DEPRECATED, use --command-config."),
    argument("--command-config", "CONFIG-FILE", "Properties file for the producer; words win over it."),
    argument("--print-metrics", null, "Prints the producer's metrics at the end."),
    argument("--transactional-id", "TRANSACTIONAL-ID", "Sends in transactions under this id."),
    argument("--transaction-duration-ms", "TRANSACTION-DURATION", "How long a transaction is kept open.", {
      type: "Long",
    }),
    argument("--warmup-records", "WARMUP-RECORDS", "First records that a second summary leaves out.", {
      type: "Long",
    }),
    argument("--reporting-interval", "INTERVAL-MS", "Milliseconds from one line of progress to the next.", {
      type: "Long",
    }),
  ],
};
