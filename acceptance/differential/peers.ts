// The two brokers of a run: Apache Kafka, started by its suite script, and Ottla, both with the same
// properties; or ones that already run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKeys, type DescribeConfigsResponse, type MetadataResponse } from "@ottla/protocol";
import { startApacheKafka } from "../apache-kafka.ts";
import { drawPort, startBrokerUnderTest } from "../broker-under-test.ts";
import { PeerConnection } from "./connection.ts";
import { codecOf, decodeAnswer, framed, requestBytes } from "./frame.ts";
import { answerWaitMs, peerStartAttemptsMax } from "./limits.ts";
import { PeerSymbols } from "./symbols.ts";

/** What the suites' profile leaves to Kafka's defaults and one node cannot give. */
const oneNodeProperties = [
  "share.coordinator.state.topic.replication.factor=1",
  "share.coordinator.state.topic.min.isr=1",
  "share.coordinator.state.topic.num.partitions=8",
];

/** A running broker. The controller listens one port above. */
export interface Peer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly clusterId: string;
  readonly symbols: PeerSymbols;
  stop(): Promise<void>;
}

async function callOnce(host: string, port: number, api: number, version: number, fields: object) {
  const key = api as (typeof apiKeys)["Metadata"];
  const connection = await PeerConnection.open(host, port);
  const request = codecOf(key).makeRequest(fields as Partial<unknown>);
  const outcome = await connection.send(framed(requestBytes(key, version, request, 1)), answerWaitMs);
  connection.close();
  if (outcome.kind !== "answered")
    throw new Error(`API ${api} v${version} of ${host}:${port}: ${outcome.kind}`);
  return decodeAnswer(key, version, outcome.frame);
}

/** Learns what is the broker's own: cluster id, data directory. */
async function meet(name: string, host: string, port: number, stop: () => Promise<void>): Promise<Peer> {
  const symbols = new PeerSymbols();
  const metadata = (await callOnce(host, port, apiKeys.Metadata, 4, {
    topics: [],
  })) as unknown as MetadataResponse;
  const clusterId = metadata.clusterId ?? "";
  symbols.learnText(clusterId, "<cluster id>");
  const described = (await callOnce(host, port, apiKeys.DescribeConfigs, 1, {
    resources: [{ resourceType: 4, resourceName: "1", configurationKeys: ["log.dirs"] }],
  })) as unknown as DescribeConfigsResponse;
  symbols.learnText(described.results[0]?.configs[0]?.value ?? "", "<data directory>");
  symbols.learnText(`127.0.0.1:${port + 1}`, "<controller address>");
  symbols.learnText(`127.0.0.1:${port}`, "<broker address>");
  return { name, host, port, controllerPort: port + 1, clusterId, symbols, stop };
}

/** A broker that already runs at `address` (HOST:PORT); it is not stopped. */
export async function joinPeer(name: string, address: string): Promise<Peer> {
  const [host = "127.0.0.1", port = ""] = address.split(":");
  return await meet(name, host, Number(port), async () => undefined);
}

/** A drawn port may be taken before it is bound: then the peer is started anew. */
async function withAttempts(start: () => Promise<Peer>): Promise<Peer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === peerStartAttemptsMax) throw error;
      console.error(`started anew: ${String(error).slice(0, 500)}`);
    }
  }
}

/** Meets a peer that was just started; one that cannot be met is stopped. */
async function meetStarted(name: string, port: number, stop: () => Promise<void>): Promise<Peer> {
  try {
    return await meet(name, "127.0.0.1", port, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A run is too short for the second compiler, which would take the processor from both brokers. */
const quickCompiler = "-XX:TieredStopAtLevel=1";

/** Starts a fresh Apache Kafka; the heap is small, as nothing here is a load. */
export async function startKafka(name = "kafka"): Promise<Peer> {
  return await withAttempts(async () => {
    const port = await drawPort();
    const directory = mkdtempSync(join(tmpdir(), "ottla-differential-kafka-"));
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    const env = { HEAP: process.env["HEAP"] ?? "512M", JAVA_TOOL_OPTIONS: quickCompiler };
    try {
      const kafka = await startApacheKafka({ directory, port, properties: oneNodeProperties, env });
      return await meetStarted(name, port, async () => {
        await kafka.stop();
        remove();
      });
    } catch (error) {
      remove();
      throw error;
    }
  });
}

/** Starts a fresh Ottla. */
export async function startOttla(): Promise<Peer> {
  return await withAttempts(async () => {
    const broker = await startBrokerUnderTest(oneNodeProperties);
    return await meetStarted("ottla", broker.port, () => broker.dispose());
  });
}
