// Runs a broker as a process of its own: `run-broker.ts DIRECTORY [KEY=VALUE…]`. Formats the directory when
// it is empty, prints `ready PORT` once clients are served, and stops cleanly on SIGTERM.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Broker } from "@ottla/broker";
import { brokerConfigOf } from "@ottla/config";
import { readMetaProperties, writeMetaProperties } from "@ottla/log";
import { bootstrapFeatures, formatDirectory } from "@ottla/metadata";
import { createNodePorts, type Logger, type Ports, plainLoggers } from "@ottla/ports";
import { randomUuid } from "@ottla/protocol";

const nodeId = 1;
const [directory = "", ...overrides] = process.argv.slice(2);

function format(ports: Ports): void {
  mkdirSync(directory, { recursive: true });
  if (readMetaProperties(ports.disk, directory) !== null) return;
  const uuid = (): ReturnType<typeof randomUuid> => randomUuid((length) => ports.crypto.secureBytes(length));
  const [clusterId, directoryId] = [uuid(), uuid()];
  const features = bootstrapFeatures(null, new Map());
  if ("problem" in features) throw new Error(features.problem);
  const options = {
    clusterId,
    nodeId,
    directoryId,
    features,
    scram: [],
    initialControllers: null,
    nowMs: Date.now(),
  };
  for (const [name, content] of formatDirectory(options).files) writeFileSync(join(directory, name), content);
  writeMetaProperties(ports.disk, directory, { clusterId, nodeId, directoryId }, "test");
}

const ports = createNodePorts();
format(ports);
const config = brokerConfigOf({
  "node.id": String(nodeId),
  "process.roles": "broker,controller",
  "controller.quorum.voters": `${nodeId}@127.0.0.1:9093`,
  "controller.listener.names": "CONTROLLER",
  listeners: "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
  "advertised.listeners": "PLAINTEXT://127.0.0.1:0",
  "log.dirs": directory,
  ...Object.fromEntries(overrides.map((override) => override.split(/=(.*)/s, 2))),
});
const log = (message: string, fields?: unknown): void => console.error(message, fields ?? "");
const logger: Logger = { debug: () => {}, info: log, warn: log, error: log };
// Sockets alone do not keep a process alive while its listeners are paused.
const keptAlive = setInterval(() => {}, 60_000);

Broker.open({ ports, config, loggers: plainLoggers(logger) }, (broker) => {
  if (broker instanceof Error) {
    console.error(broker);
    process.exit(1);
  }
  process.on("SIGTERM", () => {
    broker.close(() => {
      clearInterval(keptAlive);
      process.exit(0);
    });
  });
  console.log(`ready ${broker.port("PLAINTEXT")}`);
});
