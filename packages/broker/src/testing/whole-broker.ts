// A whole node in a fake world: formatted, started, serving, with one topic of two partitions per name. For
// tests that need everything behind the sockets.
import { brokerConfigOf } from "@ottla/config";
import { writeMetaProperties } from "@ottla/log";
import { bootstrapFeatures, formatDirectory } from "@ottla/metadata";
import { createNodeZip, type FakeNode, FakeWorld, plainLoggers } from "@ottla/ports";
import { apiKeys, type Uuid } from "@ottla/protocol";
import { Broker, BrokerStartError } from "../broker.ts";
import { FakeClient } from "./fake-client.ts";

const clusterId = "5L6g3nShT-eMCtK--X86sw";
const directoryId = "DDDDDDDDDDDDDDDDDDDDDA" as Uuid;
const createTopicsVersion = 7;

/** Ports of its listeners. */
export const wholeBrokerPorts = { broker: 9092, controller: 9093 } as const;

/** The node and somebody to ask it. */
export interface WholeBroker {
  readonly world: FakeWorld;
  readonly node: FakeNode;
  readonly clientNode: FakeNode;
  readonly broker: Broker;
  readonly clusterId: string;
  /** Errors the broker logged. */
  readonly errorsLogged: string[];
  connect(port?: number): FakeClient;
  /** The node loses its power or its process, and starts again on what its disk kept. */
  crashAndRestart(how: "power" | "kill"): Broker;
}

/** Starts one. */
export function wholeBroker(options: {
  readonly seed: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly topics?: readonly string[];
}): WholeBroker {
  const world = new FakeWorld({ seed: options.seed });
  const node = world.node("broker-1", { zip: createNodeZip() });
  format(node, options.settings?.["log.dirs"]?.split(",").slice(1) ?? []);
  const config = brokerConfigOf({
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.quorum.voters": "1@broker-1:9093",
    "controller.listener.names": "CONTROLLER",
    listeners: "PLAINTEXT://broker-1:9092,CONTROLLER://broker-1:9093",
    "log.dirs": "/data",
    "max.connection.creation.rate": "1000000",
    ...options.settings,
  });
  const errorsLogged: string[] = [];
  const error = (message: string, fields?: unknown): void => {
    errorsLogged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error };
  const start = ({ ports }: FakeNode): Broker => {
    let started: Broker | BrokerStartError | null = null;
    Broker.open({ ports, config, loggers: plainLoggers(logger) }, (result) => {
      started = result;
    });
    world.run({ ms: 120_000, until: () => started !== null });
    const result = started as Broker | BrokerStartError | null;
    if (!(result instanceof Broker)) throw result ?? new Error("the broker does not start");
    return result;
  };
  const broker = start(node);
  const crashAndRestart = (how: "power" | "kill"): Broker => {
    world.crash("broker-1", { how });
    return start(world.restart("broker-1"));
  };
  const clientNode = world.node("client");
  const connect = (port: number = wholeBrokerPorts.broker): FakeClient =>
    FakeClient.connect(world, clientNode, "broker-1", port);
  const topics = (options.topics ?? []).map((name) => ({
    name,
    numPartitions: 2,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  }));
  const client = connect();
  if (topics.length > 0) client.ask(apiKeys.CreateTopics, createTopicsVersion, { topics, timeoutMs: 5000 });
  client.end();
  return { world, node, clientNode, broker, clusterId, errorsLogged, connect, crashAndRestart };
}

function format({ ports }: FakeNode, further: readonly string[]): void {
  const { disk, clock } = ports;
  disk.makeDirectory("/data");
  const features = bootstrapFeatures(null, new Map());
  if ("problem" in features) throw new Error(features.problem);
  const how = { clusterId, nodeId: 1, directoryId, features, scram: [], initialControllers: null };
  for (const [name, content] of formatDirectory({ ...how, nowMs: clock.wallMs() }).files) {
    disk.replaceFile(`/data/${name}`, content);
  }
  writeMetaProperties(disk, "/data", { clusterId, nodeId: 1, directoryId }, "test");
  for (const [index, path] of further.entries()) {
    disk.makeDirectory(path);
    const id = `DDDDDDDDDDDDDDDDDDDDE${"AQgw"[index] ?? ""}` as Uuid;
    writeMetaProperties(disk, path, { clusterId, nodeId: 1, directoryId: id }, "test");
  }
  disk.syncDirectory("/");
}
