// Apache Kafka as a peer: its broker and its tools, by the script that the acceptance suites use.
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { freePort } from "./free-port.ts";
import type { CommandEnd, Peer } from "./peer.ts";

const script = resolve(import.meta.dirname, "../../../../acceptance/suites/apache-kafka.sh");

/** Classes that are not where most are. */
const classes: ReadonlyMap<string, string> = new Map([
  ["kafka-configs.sh", "kafka.admin.ConfigCommand"],
  ["kafka-consumer-groups.sh", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"],
  ["kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer"],
  ["kafka-topics.sh", "org.apache.kafka.tools.TopicCommand"],
  ["kafka-get-offsets.sh", "org.apache.kafka.tools.GetOffsetShell"],
  ["kafka-groups.sh", "org.apache.kafka.tools.GroupsCommand"],
  ["kafka-cluster.sh", "org.apache.kafka.tools.ClusterTool"],
  ["kafka-delete-records.sh", "org.apache.kafka.tools.DeleteRecordsCommand"],
  ["kafka-broker-api-versions.sh", "org.apache.kafka.tools.BrokerApiVersionsCommand"],
  ["kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer"],
  ["kafka-producer-perf-test.sh", "org.apache.kafka.tools.ProducerPerformance"],
  ["kafka-consumer-perf-test.sh", "org.apache.kafka.tools.ConsumerPerformance"],
  ["kafka-e2e-latency.sh", "org.apache.kafka.tools.EndToEndLatency"],
  ["kafka-verifiable-producer.sh", "org.apache.kafka.tools.VerifiableProducer"],
  ["kafka-verifiable-consumer.sh", "org.apache.kafka.tools.VerifiableConsumer"],
  ["kafka-replica-verification.sh", "org.apache.kafka.tools.ReplicaVerificationTool"],
  ["kafka-log-dirs.sh", "org.apache.kafka.tools.LogDirsCommand"],
  ["kafka-dump-log.sh", "org.apache.kafka.tools.DumpLogSegments"],
  ["kafka-storage.sh", "kafka.tools.StorageTool"],
]);

/** As Kafka's own config/tools-log4j2.yaml. */
const LOG_CONFIG = `<Configuration status="OFF"><Appenders><Console name="C" target="SYSTEM_ERR">
<PatternLayout pattern="[%d] %p %m (%c)%n"/></Console></Appenders>
<Loggers><Root level="WARN"><AppenderRef ref="C"/></Root></Loggers></Configuration>`;

/** Starts Apache Kafka with its data in `directory`. */
export async function apachePeer(directory: string): Promise<Peer> {
  const port = await freePort();
  const broker = join(directory, "apache-kafka");
  mkdirSync(broker);
  const settings = [
    `advertised.listeners=PLAINTEXT://localhost:${port},CONTROLLER://localhost:${port + 1}`,
    "log.segment.bytes=1073741824",
    "log.retention.hours=168",
    "offsets.topic.num.partitions=3",
    "group.initial.rebalance.delay.ms=0",
  ].flatMap((setting) => ["--set", setting]);
  const start = ["start", String(port), broker, "--background", "--fresh", "--profile", "bare", ...settings];
  execFileSync("bash", [script, ...start]);
  return {
    name: "apache",
    port,
    run: apacheTools(directory),
    stop: async () => {
      execFileSync("bash", [script, "stop", broker]);
    },
  };
}

/** Apache Kafka's tools, for whatever broker. */
export function apacheTools(directory: string): Peer["run"] {
  writeFileSync(join(directory, "log.xml"), LOG_CONFIG);
  const classPath = execFileSync("bash", [script, "classpath"], { encoding: "utf8" }).trim();
  const java = ["-Xmx256M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable"];
  java.push(`-Dlog4j2.configurationFile=${join(directory, "log.xml")}`, "-cp", classPath);
  return ({ script: name, words, input, signal, directory: cwd }) =>
    new Promise<CommandEnd>((done) => {
      const main = classes.get(name);
      if (main === undefined) throw new Error(`the class of ${name} is not known`);
      const child = execFile("java", [...java, main, ...words], { cwd }, (error, out, err) =>
        done({ out, err, code: error === null ? 0 : Number(error.code) }),
      );
      if (signal !== null) {
        let linesLeft = signal.afterLines;
        child.stdout?.on("data", (text: string) => {
          const had = linesLeft;
          linesLeft -= text.split("\n").length - 1;
          if (had > 0 && linesLeft <= 0) child.kill(signal.name);
        });
      }
      child.stdin?.end(input.map((line) => `${line}\n`).join(""));
    });
}
