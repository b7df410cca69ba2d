// What `npm start` runs when nobody wrote a configuration: one node on localhost:9092, data in a directory of
// the user, formatted when it is new.
import { homedir } from "node:os";
import { join } from "node:path";
import type { BrokerConfig } from "@ottla/config";
import { createNodeClock, createNodeCrypto, createNodeDisk } from "@ottla/ports";
import { randomUuid } from "@ottla/protocol";
import { formatDirectories } from "../storage/format-directories.ts";
import { formatRequestOf } from "../storage/format-request.ts";
import { surveyDirectories } from "../storage/survey-directories.ts";

/** The port of the quickstart's clients; the controller listens on the next one. */
const QUICKSTART_PORT = 9092;

/** The port that `OTTLA_PORT` names; null when it names none. */
export function quickstartPort(text: string | undefined): number | null {
  if (text === undefined || text === "") return QUICKSTART_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_535 ? port : null;
}

/** Where the quickstart keeps its data: `OTTLA_DATA_DIR`, or the platform's place for application data. */
export function quickstartDataDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (env.OTTLA_DATA_DIR) return env.OTTLA_DATA_DIR;
  if (platform === "win32")
    return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "Ottla", "data");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Ottla", "data");
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "ottla", "data");
}

/** The quickstart's server.properties. */
export function quickstartProperties(dataDirectory: string, port: number): string {
  return [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.bootstrap.servers=localhost:${port + 1}`,
    `listeners=PLAINTEXT://:${port},CONTROLLER://localhost:${port + 1}`,
    `advertised.listeners=PLAINTEXT://localhost:${port},CONTROLLER://localhost:${port + 1}`,
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    // A path may hold blanks and, on Windows, backslashes, which the properties syntax would eat.
    `log.dirs=${dataDirectory.replaceAll("\\", "\\\\")}`,
    "num.partitions=1",
    "offsets.topic.replication.factor=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    // The first member of a group need not wait three seconds for others.
    "group.initial.rebalance.delay.ms=0",
    "ottla.metrics.listener=127.0.0.1:9464",
    "",
  ].join("\n");
}

/** Formats the data directory when it is new; null, or why that failed. */
export function formatWhenNew(config: BrokerConfig): string | null {
  const ports = { disk: createNodeDisk(), clock: createNodeClock(), crypto: createNodeCrypto() };
  const { secureBytes } = ports.crypto;
  const isNew = surveyDirectories(ports.disk, config).every(
    ({ kind }) => kind === "missing" || kind === "empty",
  );
  if (!isNew) return null;
  const options = new Map([
    ["--cluster-id", [randomUuid(secureBytes)]],
    ["--standalone", [""]],
  ]);
  const request = formatRequestOf(options, config, secureBytes);
  if ("problem" in request) return request.problem;
  let problem = "";
  const err = (text: string): void => {
    problem += text.trimEnd();
  };
  formatDirectories({ ports, out: () => {}, err }, config, request);
  return problem === "" ? null : problem;
}

/** What to tell the user once the node serves. */
export function quickstartGreeting(dataDirectory: string, port: number): string {
  const kcat = `kcat -b localhost:${port} -t greetings`;
  return (
    `\nKafka clients can connect to localhost:${port}. Data: ${dataDirectory}\n` +
    `Try next, in another terminal: echo hello | ${kcat} -P && ${kcat} -C -e\n\n`
  );
}
