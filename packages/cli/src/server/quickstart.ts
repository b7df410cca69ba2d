// What `npm start` runs when nobody wrote a configuration: one node on localhost:9092, data in a directory of the user,
// formatted when it is new.
import { homedir } from "node:os";
import { join } from "node:path";

/** The port of the quickstart's clients; the controller listens on the next one. */
export const quickstartPort = 9092;

/** Where the quickstart keeps its data: `OTTLA_DATA_DIR`, or the platform's place for application data. */
export function quickstartDataDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (env.OTTLA_DATA_DIR) return env.OTTLA_DATA_DIR;
  if (platform === "win32")
    return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "Ottla", "data");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Ottla", "data");
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "ottla", "data");
}

/** The quickstart's server.properties. */
export function quickstartProperties(dataDirectory: string): string {
  return [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.bootstrap.servers=localhost:${quickstartPort + 1}`,
    `listeners=PLAINTEXT://:${quickstartPort},CONTROLLER://localhost:${quickstartPort + 1}`,
    `advertised.listeners=PLAINTEXT://localhost:${quickstartPort},CONTROLLER://localhost:${quickstartPort + 1}`,
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
    "",
  ].join("\n");
}
