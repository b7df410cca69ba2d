// The options of kafka-console-producer.
import { flag, type Option, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";

export const LINE_READER_CLASS = "org.apache.kafka.tools.LineMessageReader";

function number(
  name: string,
  type: "Integer" | "Long",
  placeholder: string | null,
  standard: string,
  meaning: string,
): Option {
  const shown = placeholder === null ? {} : { placeholder };
  return { name, argument: "required", type, meaning, default: standard, ...shown };
}

const READER_PROPERTIES = `A key=value property of the line reader. It knows, with their defaults:
 parse.key=false
 parse.headers=false
 ignore.error=false
 key.separator=\\t
 headers.delimiter=\\t
 headers.separator=,
 headers.key.separator=:
 null.marker= (a key, value or header value equal to it becomes null)
A line with headers and a key is "h1:v1,h2:v2...\\tkey\\tvalue".`;

export const consoleProducerOptions: OptionTable = new OptionTable([
  valued("topic", "topic", "REQUIRED: The topic to write to."),
  valued(
    "bootstrap-server",
    "server to connect to",
    "REQUIRED: Brokers to begin with, as HOST1:PORT1,HOST2:PORT2.",
  ),
  flag("sync", "Waits for the answer to each record before the next line is sent."),
  {
    name: "compression-codec",
    argument: "optional",
    placeholder: "compression-codec",
    meaning: "none, gzip, snappy, lz4 or zstd; gzip when no value is given.",
  },
  number(
    "batch-size",
    "Integer",
    "size",
    "16384",
    "Bytes of a batch, where records are not sent one by one.",
  ),
  number(
    "message-send-max-retries",
    "Integer",
    null,
    "3",
    "How often a failed send is tried again: `retries`.",
  ),
  number("retry-backoff-ms", "Long", null, "100", "Pause before a send is tried again: `retry.backoff.ms`."),
  number(
    "timeout",
    "Long",
    "timeout_ms",
    "1000",
    "How long a record waits for others of its batch: `linger.ms`.",
  ),
  {
    ...valued(
      "request-required-acks",
      "request required acks",
      "Who must have a record before it counts: `acks`.",
    ),
    default: "-1",
  },
  number(
    "request-timeout-ms",
    "Integer",
    "request timeout ms",
    "1500",
    "How long a broker may take to answer.",
  ),
  number(
    "metadata-expiry-ms",
    "Long",
    "metadata expiration interval",
    "300000",
    "Age at which metadata is asked for again: `metadata.max.age.ms`.",
  ),
  number(
    "max-block-ms",
    "Long",
    "max block on send",
    "60000",
    "How long a send may wait for memory or metadata.",
  ),
  number(
    "max-memory-bytes",
    "Long",
    "total memory in bytes",
    "33554432",
    "Bytes that may wait to be sent; reading stops beyond: `buffer.memory`.",
  ),
  number(
    "max-partition-memory-bytes",
    "Integer",
    "memory in bytes per partition",
    "16384",
    "DEPRECATED, use --batch-size: bytes of a batch.",
  ),
  {
    ...valued("line-reader", "reader_class", "The class that makes records of lines; here there is one."),
    default: LINE_READER_CLASS,
  },
  number(
    "socket-buffer-size",
    "Integer",
    "size",
    "102400",
    "Bytes of the socket's buffer: `send.buffer.bytes`.",
  ),
  valued("property", "prop", "DEPRECATED, use --reader-property."),
  valued("reader-property", "prop", READER_PROPERTIES),
  valued(
    "reader-config",
    "config file",
    "Properties file for the line reader; --reader-property wins over it.",
  ),
  valued("producer-property", "producer_prop", "DEPRECATED, use --command-property."),
  valued("command-property", "producer_prop", "A key=value setting of the producer."),
  valued("producer.config", "config file", "DEPRECATED, use --command-config."),
  valued(
    "command-config",
    "config file",
    "Properties file for the producer; --command-property wins over it.",
  ),
]);
