// The kafka-cluster command.
import type { Admin, DescribedNode } from "@ottla/client";
import {
  type ArgumentCommand,
  argumentFailure,
  argumentHelp,
  type GivenArguments,
  parseArguments,
  subCommandProblem,
} from "../../options/argument-parser.ts";
import { errorMessage, errorTrace, executionFailed, specOf } from "../../options/java-exception.ts";
import { notServed } from "../../options/kafka-words/not-served.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import {
  clusterIdCommand,
  clusterUsage,
  listEndpointsCommand,
  unregisterCommand,
} from "./cluster-commands.ts";

type Run = (admin: Admin, given: GivenArguments, host: ToolHost) => Promise<void>;

const commands: ReadonlyMap<string, { readonly command: ArgumentCommand; readonly run: Run }> = new Map(
  [
    { command: clusterIdCommand, run: printClusterId },
    { command: unregisterCommand, run: unregister },
    { command: listEndpointsCommand, run: listEndpoints },
  ].map((entry) => [entry.command.name, entry]),
);

const ENDPOINT_WIDTH = 10;

/** The kafka-cluster command. */
export const clusterTool: Tool = async ([name, ...rest], host) => {
  if (name === "-h" || name === "--help") {
    const list = [...commands.values()].map(
      ({ command }) => `    ${command.name.padEnd(20)} ${command.meaning}`,
    );
    host.out(`${clusterUsage}\n\nThe Kafka cluster tool.\n\n${list.join("\n")}\n`);
    return 1;
  }
  const entry = commands.get(name ?? "");
  const parsed = entry === undefined ? null : parseArguments(entry.command, rest);
  if (entry === undefined || parsed === null) {
    host.err(argumentFailure("kafka-cluster", clusterUsage, subCommandProblem(name, commands.keys())));
    return 1;
  }
  if (parsed.kind === "help") {
    host.out(argumentHelp(entry.command));
    return 1;
  }
  if (parsed.kind === "error") {
    host.err(argumentFailure("kafka-cluster", entry.command.usage, parsed.message));
    return 1;
  }
  return runCommand(entry.run, parsed.options, host);
};

async function runCommand(run: Run, given: GivenArguments, host: ToolHost): Promise<number> {
  let admin: Admin | null = null;
  try {
    const oldConfig = given.get("--config")?.[0] ?? null;
    if (oldConfig !== null) {
      host.out(
        "Option --config has been deprecated and will be removed in a future version. " +
          "Use --command-config instead.\n",
      );
    }
    const settings = readSettings(host, given.get("--command-config")?.[0] ?? oldConfig);
    const servers = given.get("--bootstrap-server")?.[0];
    const controllers = given.get("--bootstrap-controller")?.[0] ?? "";
    const where: Readonly<Record<string, string>> =
      servers === undefined ? { "bootstrap.controllers": controllers } : { "bootstrap.servers": servers };
    admin = await openAdmin(host, { ...settings, ...where });
    await run(admin, given, host);
    return 0;
  } catch (error) {
    const failure = specOf(error) === null ? error : executionFailed(error);
    host.err(`${errorMessage(failure)}\n${errorTrace(failure)}\n`);
    return 1;
  } finally {
    await admin?.close();
  }
}

async function printClusterId(admin: Admin, _given: GivenArguments, host: ToolHost): Promise<void> {
  const { clusterId } = await admin.describeCluster();
  host.out(
    clusterId === null
      ? "No cluster ID found. The Kafka version is probably too old.\n"
      : `Cluster ID: ${clusterId}\n`,
  );
}

async function unregister(): Promise<void> {
  throw executionFailed(notServed("UNREGISTER_BROKER"));
}

async function listEndpoints(admin: Admin, given: GivenArguments, host: ToolHost): Promise<void> {
  const isOfControllers = given.has("--bootstrap-controller");
  const includesFenced = given.has("--include-fenced-brokers");
  const { nodes } = await admin.describeCluster({ includeFencedBrokers: includesFenced });
  const hostWidth = Math.max("HOST".length, ...nodes.map((node) => node.host.length));
  const rackWidth = Math.max(ENDPOINT_WIDTH, ...nodes.map((node) => (node.rack ?? "null").length));
  const row = (node: {
    id: string;
    host: string;
    port: string;
    rack: string;
    state: string;
    type: string;
  }): string => {
    const state = isOfControllers ? "" : `${node.state.padEnd(ENDPOINT_WIDTH)} `;
    return (
      `${node.id.padEnd(ENDPOINT_WIDTH)} ${node.host.padEnd(hostWidth)} ` +
      `${node.port.padEnd(ENDPOINT_WIDTH)} ${node.rack.padEnd(rackWidth)} ${state}${node.type.padEnd(15)}\n`
    );
  };
  const type = isOfControllers ? "controller" : "broker";
  host.out(
    row({ id: "ID", host: "HOST", port: "PORT", rack: "RACK", state: "STATE", type: "ENDPOINT_TYPE" }),
  );
  for (const node of nodes) host.out(row({ ...endpointCells(node), type }));
}

function endpointCells(node: DescribedNode): {
  id: string;
  host: string;
  port: string;
  rack: string;
  state: string;
} {
  return {
    id: String(node.id),
    host: node.host,
    port: String(node.port),
    rack: node.rack ?? "null",
    state: node.isFenced ? "fenced" : "unfenced",
  };
}
