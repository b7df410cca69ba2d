// Command lines of older notes: `--broker-list` and `--zookeeper` still name a cluster, with one line of
// warning each. `KAFKA_STRICT_CLI=1` leaves them alone, so that they end as in Apache Kafka.
import type { OptionTable } from "./option-table.ts";
import type { ToolHost } from "./tool-host.ts";

const WITHOUT_ZOOKEEPER = "localhost:9092";

/** The words with old spellings replaced. */
export function withModernBootstrap(
  words: readonly string[],
  table: OptionTable,
  host: ToolHost,
): readonly string[] {
  if (host.environment.get("KAFKA_STRICT_CLI") === "1" || !table.has("bootstrap-server")) return words;
  const modern: string[] = [];
  const isNamed = words.some((word) => /^--?bootstrap-(server|controller)(=|$)/.test(word));
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const [, name, inline] = /^--(broker-list|zookeeper)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined || table.has(name)) {
      modern.push(word);
      continue;
    }
    const value = inline ?? words[index + 1];
    // Without a value the parser says what is missing.
    if (value === undefined) {
      modern.push("--bootstrap-server");
      continue;
    }
    if (inline === undefined) index++;
    if (name === "broker-list") {
      host.err("Warning: --broker-list is deprecated, use --bootstrap-server instead.\n");
      modern.push("--bootstrap-server", value);
    } else {
      const used = isNamed ? "the given bootstrap servers are used" : `${WITHOUT_ZOOKEEPER} is used`;
      host.err(
        `Warning: --zookeeper is deprecated, use --bootstrap-server instead: ${used}, not ${value}.\n`,
      );
      if (!isNamed) modern.push("--bootstrap-server", WITHOUT_ZOOKEEPER);
    }
  }
  return modern;
}
