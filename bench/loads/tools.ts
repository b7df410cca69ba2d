// How long a command-line tool takes from its start to its end, where it has next to nothing to do: each
// peer's own tools against its broker.
import { join } from "node:path";
import { outputOf } from "../../acceptance/steps/run-program.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import { isApacheKafka, type Peer } from "../peers/peer.ts";
import type { Figures, Load } from "./load.ts";

const root = join(import.meta.dirname, "../..");
const apacheKafka = join(root, "acceptance/suites/apache-kafka.sh");
const topic = "tools";

interface Tool {
  readonly name: string;
  readonly javaClass: string;
  readonly words: readonly string[];
}

function toolsOf({ bootstrap }: Peer): readonly Tool[] {
  const to = ["--bootstrap-server", bootstrap];
  const version = ["--version"];
  const admin = "org.apache.kafka.tools";
  const entity = ["--entity-type", "topics", "--entity-name", topic];
  const group = `${admin}.consumer.group.ConsumerGroupCommand`;
  const api = `${admin}.BrokerApiVersionsCommand`;
  return [
    { name: "kafka-topics", javaClass: `${admin}.TopicCommand`, words: [...to, "--list"] },
    {
      name: "kafka-configs",
      javaClass: "kafka.admin.ConfigCommand",
      words: [...to, "--describe", ...entity],
    },
    { name: "kafka-consumer-groups", javaClass: group, words: [...to, "--list"] },
    { name: "kafka-groups", javaClass: `${admin}.GroupsCommand`, words: [...to, "--list"] },
    { name: "kafka-get-offsets", javaClass: `${admin}.GetOffsetShell`, words: [...to, "--topic", topic] },
    { name: "kafka-cluster", javaClass: `${admin}.ClusterTool`, words: ["cluster-id", ...to] },
    { name: "kafka-broker-api-versions", javaClass: api, words: to },
    {
      name: "kafka-console-producer",
      javaClass: `${admin}.ConsoleProducer`,
      words: [...to, "--topic", topic],
    },
    { name: "kafka-storage", javaClass: "kafka.tools.StorageTool", words: ["random-uuid"] },
    { name: "kafka-delete-records", javaClass: `${admin}.DeleteRecordsCommand`, words: version },
    { name: "kafka-console-consumer", javaClass: `${admin}.consumer.ConsoleConsumer`, words: version },
    { name: "kafka-dump-log", javaClass: `${admin}.DumpLogSegments`, words: version },
  ];
}

async function runMs(program: string, words: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  await outputOf(program, words);
  return performance.now() - startedMs;
}

export const tools: Load = {
  name: "tools",
  about: "wall time of a tool that has next to nothing to do, the median of five runs (Kafka: of one)",
  async run(peer, _scale): Promise<Figures> {
    const connection = await RawConnection.open(peer.port);
    await createTopic(connection, topic, 1);
    connection.close();
    const figures: Record<string, number> = {};
    for (const { name, javaClass, words } of toolsOf(peer)) {
      const isKafka = isApacheKafka(peer.name);
      const program = isKafka ? apacheKafka : join(root, `bin/${name}.sh`);
      const all = isKafka ? ["tool", javaClass, ...words] : words;
      const times: number[] = [];
      for (let run = 0; run < (isKafka ? 1 : 5); run++) times.push(await runMs(program, all));
      times.sort((left, right) => left - right);
      figures[`${name} ms`] = times[Math.floor(times.length / 2)] ?? Number.NaN;
    }
    return figures;
  },
};
