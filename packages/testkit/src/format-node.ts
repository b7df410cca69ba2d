// Formats the directory of a node that is broker and controller in one, as `kafka-storage format
// --standalone` does, through the ports: for brokers that live inside a test.
import { bootstrapFeatures, formatDirectory } from "@ottla/metadata";
import type { Ports } from "@ottla/ports";
import { randomUuid } from "@ottla/protocol";

/** The node and its log directories. */
export interface NodeToFormat {
  readonly clusterId: string;
  readonly nodeId: number;
  /** Absolute; it and its parents are made. */
  readonly directory: string;
  /** Further log directories, beside the first one, which has the metadata. */
  readonly moreDirectories?: readonly string[];
  readonly host: string;
  /** Of the controller listener. */
  readonly controllerPort: number;
}

/** Writes everything a first start needs, and makes it durable. Throws `DiskError`. */
export function formatNode(ports: Ports, node: NodeToFormat): void {
  const { disk, crypto, clock } = ports;
  const directoryId = randomUuid((length) => crypto.secureBytes(length));
  const features = bootstrapFeatures(null, new Map([["kraft.version", 1]]));
  if ("problem" in features) throw new Error(features.problem);
  const endpoints = [{ name: "CONTROLLER", host: node.host, port: node.controllerPort }];
  const { metaProperties, files } = formatDirectory({
    clusterId: node.clusterId,
    nodeId: node.nodeId,
    directoryId,
    features,
    scram: [],
    initialControllers: [{ nodeId: node.nodeId, directoryId, endpoints }],
    nowMs: clock.wallMs(),
  });
  disk.makeDirectory(node.directory);
  const text = textOf(metaProperties);
  const folders = new Set([node.directory]);
  for (const [path, content] of [["meta.properties", new TextEncoder().encode(text)] as const, ...files]) {
    const full = `${node.directory}/${path}`;
    const folder = full.slice(0, full.lastIndexOf("/"));
    if (!folders.has(folder)) disk.makeDirectory(folder);
    folders.add(folder);
    disk.replaceFile(full, content);
  }
  for (const directory of node.moreDirectories ?? []) {
    const id = randomUuid((length) => crypto.secureBytes(length));
    disk.makeDirectory(directory);
    const properties = new Map([...metaProperties, ["directory.id", id] as const]);
    disk.replaceFile(`${directory}/meta.properties`, new TextEncoder().encode(textOf(properties)));
    disk.syncDirectory(directory);
  }
  for (let path = node.directory; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
    disk.syncDirectory(path.slice(0, path.lastIndexOf("/")) || "/");
  }
  disk.syncDirectory(node.directory);
}

function textOf(properties: ReadonlyMap<string, string>): string {
  return [...properties].map(([name, value]) => `${name}=${value}\n`).join("");
}
