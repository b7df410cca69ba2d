// Ottla as a peer: a broker in memory, tools in this process.
import { resolve } from "node:path";
import { startBroker } from "@ottla/testkit";
import type { Tool } from "../../src/options/tool-host.ts";
import { storageTool } from "../../src/storage/storage-tool.ts";
import { brokerApiVersionsTool } from "../../src/tools/broker-api-versions/broker-api-versions-tool.ts";
import { clusterTool } from "../../src/tools/cluster/cluster-tool.ts";
import { configsTool } from "../../src/tools/configs/configs-tool.ts";
import { consoleConsumerTool } from "../../src/tools/console-consumer/console-consumer-tool.ts";
import { consoleProducerTool } from "../../src/tools/console-producer/console-producer-tool.ts";
import { consumerGroupsTool } from "../../src/tools/consumer-groups/consumer-groups-tool.ts";
import { consumerPerfTool } from "../../src/tools/consumer-perf/consumer-perf-tool.ts";
import { deleteRecordsTool } from "../../src/tools/delete-records/delete-records-tool.ts";
import { dumpLogTool } from "../../src/tools/dump-log/dump-log-tool.ts";
import { e2eLatencyTool } from "../../src/tools/e2e-latency/e2e-latency-tool.ts";
import { getOffsetsTool } from "../../src/tools/get-offsets/get-offsets-tool.ts";
import { groupsTool } from "../../src/tools/groups/groups-tool.ts";
import { logDirsTool } from "../../src/tools/log-dirs/log-dirs-tool.ts";
import { producerPerfTool } from "../../src/tools/producer-perf/producer-perf-tool.ts";
import { replicaVerificationTool } from "../../src/tools/replica-verification/replica-verification-tool.ts";
import { collectingHost } from "../../src/tools/testing/tool-run.ts";
import { topicsTool } from "../../src/tools/topics/topics-tool.ts";
import { verifiableConsumerTool } from "../../src/tools/verifiable-consumer/verifiable-consumer-tool.ts";
import { verifiableProducerTool } from "../../src/tools/verifiable-producer/verifiable-producer-tool.ts";
import { freePort } from "./free-port.ts";
import type { Peer } from "./peer.ts";

/** Tools by the name of their wrapper; a new tool adds its row. */
const tools: ReadonlyMap<string, Tool> = new Map([
  ["kafka-broker-api-versions.sh", brokerApiVersionsTool],
  ["kafka-cluster.sh", clusterTool],
  ["kafka-configs.sh", configsTool],
  ["kafka-console-consumer.sh", consoleConsumerTool],
  ["kafka-console-producer.sh", consoleProducerTool],
  ["kafka-consumer-groups.sh", consumerGroupsTool],
  ["kafka-consumer-perf-test.sh", consumerPerfTool],
  ["kafka-delete-records.sh", deleteRecordsTool],
  ["kafka-dump-log.sh", dumpLogTool],
  ["kafka-e2e-latency.sh", e2eLatencyTool],
  ["kafka-get-offsets.sh", getOffsetsTool],
  ["kafka-groups.sh", groupsTool],
  ["kafka-log-dirs.sh", logDirsTool],
  ["kafka-producer-perf-test.sh", producerPerfTool],
  ["kafka-replica-verification.sh", replicaVerificationTool],
  ["kafka-storage.sh", storageTool],
  ["kafka-topics.sh", topicsTool],
  ["kafka-verifiable-consumer.sh", verifiableConsumerTool],
  ["kafka-verifiable-producer.sh", verifiableProducerTool],
]);

/** Whether the wrapper has a tool here. */
export function hasTool(script: string): boolean {
  return tools.has(script);
}

/** Starts a broker with the settings that config/server.properties has. */
export async function ottlaPeer(): Promise<Peer> {
  const port = await freePort();
  const broker = await startBroker({
    host: "localhost",
    settings: {
      listeners: `PLAINTEXT://localhost:${port},CONTROLLER://localhost:${port + 1}`,
      "advertised.listeners": `PLAINTEXT://localhost:${port}`,
      "log.segment.bytes": "1073741824",
      "log.retention.hours": "168",
      "offsets.topic.num.partitions": "3",
    },
  });
  return {
    name: "ottla",
    port,
    run: async ({ script, words, input, signal, directory }) => {
      const tool = tools.get(script);
      if (tool === undefined) throw new Error(`there is no ${script}`);
      const bytes = new TextEncoder().encode(input.map((line) => `${line}\n`).join(""));
      const collecting = collectingHost(input.length === 0 ? [] : [bytes], {
        environment: new Map([["KAFKA_STRICT_CLI", "1"]]),
        absolutePath: (path) => resolve(directory, path),
      });
      const { host } = collecting;
      const out: typeof host.out = (data) => {
        const isEnough = (): boolean => collecting.out().split("\n").length > (signal?.afterLines ?? 0);
        const wasEnough = isEnough();
        host.out(data);
        if (signal !== null && !wasEnough && isEnough()) collecting.signal(signal.name);
      };
      const code = await tool(words, { ...host, out });
      return { code, out: collecting.out(), err: collecting.err() };
    },
    stop: () => broker.stop(),
  };
}
