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

/** New replicas go to the first log directory, so that both peers have them in the same one. */
function directoryProperties(directory: string): string[] {
  const [first, second] = [join(directory, "data"), join(directory, "more")];
  return [`log.dirs=${first},${second}`, `cordoned.log.dirs=${second}`];
}

/** A running broker. The controller listens one port above. */
export interface Peer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly clusterId: string;
  /** Two where the peer was started for the run; the second one is cordoned. */
  readonly logDirectories: readonly string[];
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
  const logDirectories = (described.results[0]?.configs[0]?.value ?? "").split(",");
  symbols.learnText(logDirectories[0] ?? "", "<data directory>");
  symbols.learnText(logDirectories[1] ?? "", "<second directory>");
  symbols.learnText(`127.0.0.1:${port + 1}`, "<controller address>");
  symbols.learnText(`127.0.0.1:${port}`, "<broker address>");
  return { name, host, port, controllerPort: port + 1, clusterId, logDirectories, symbols, stop };
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
      const properties = [...oneNodeProperties, ...directoryProperties(directory)];
      const kafka = await startApacheKafka({ directory, port, properties, env });
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
    const directory = mkdtempSync(join(tmpdir(), "ottla-differential-"));
    const properties = [...oneNodeProperties, ...directoryProperties(directory)];
    const broker = await startBrokerUnderTest(properties);
    return await meetStarted("ottla", broker.port, async () => {
      await broker.dispose();
      rmSync(directory, { recursive: true, force: true });
    });
  });
}
