// Formats the log directories of a node. A directory counts as formatted once it holds meta.properties, which
// is therefore written last and after everything else is durable: a crash leaves a directory that can be
// formatted again.
import type { BrokerConfig } from "@ottla/config";
import { type MetaProperties, writeMetaProperties } from "@ottla/log";
import { formatDirectory, type InitialController } from "@ottla/metadata";
import { type Disk, DiskError } from "@ottla/ports";
import { randomUuid, type Uuid } from "@ottla/protocol";
import { bootstrapText } from "./bootstrap-text.ts";
import type { FormatRequest } from "./format-request.ts";
import { standaloneController } from "./initial-controllers.ts";
import { javaDateLine } from "./java-date.ts";
import type { StorageHost } from "./storage-host.ts";
import { surveyDirectories } from "./survey-directories.ts";

/** Formats what is not formatted yet, telling about it. Answers the exit code. */
export function formatDirectories(host: StorageHost, config: BrokerConfig, request: FormatRequest): number {
  const pending: string[] = [];
  for (const directory of surveyDirectories(host.ports.disk, config)) {
    if (directory.kind === "missing" || directory.kind === "empty") pending.push(directory.path);
    else if (directory.kind === "formatted") {
      const problem = formattedProblem(directory.path, directory.meta, config, request);
      if (problem !== null) return fail(host, problem);
    } else host.out(`I/O error trying to read log directory ${directory.path}. Ignoring...\n`);
  }
  if (pending.length === 0) {
    const isAnyFormatted = surveyDirectories(host.ports.disk, config).some(
      ({ kind }) => kind === "formatted",
    );
    if (!isAnyFormatted) return fail(host, "No available log directories to format.");
    host.out("All of the log directories are already formatted.\n");
    return 0;
  }
  host.out(`Bootstrap metadata: ${bootstrapText(request.features, request.scram)}\n`);
  for (const path of pending) {
    const plan = planFor(path, host, config, request);
    const release = request.features.metadataVersion.name;
    host.out(`Formatting ${plan.kind} ${path} with metadata.version ${release}.\n`);
    try {
      write(host, path, config, request, plan);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return fail(host, `Cannot format ${path}: ${error.message}`);
    }
  }
  return 0;
}

function fail(host: StorageHost, problem: string): number {
  host.err(`${problem}\n`);
  return 1;
}

/** Another cluster or node is always refused, also where formatted directories are skipped. */
function formattedProblem(
  path: string,
  meta: MetaProperties,
  config: BrokerConfig,
  request: FormatRequest,
): string | null {
  if (!request.ignoreFormatted) {
    return `Log directory ${path} is already formatted. Use --ignore-formatted to ignore this directory and format the others.`;
  }
  const file = `${path}/meta.properties`;
  if (meta.clusterId !== request.clusterId) {
    return `Invalid cluster.id in: ${file}. Expected ${request.clusterId}, but read ${meta.clusterId}`;
  }
  if (meta.nodeId !== config.nodeId) {
    return (
      `Stored node id ${meta.nodeId} doesn't match previous node id ${config.nodeId} in ${file}. ` +
      "If you moved your data, make sure your configured node id matches. " +
      "If you intend to create a new node, you should remove all data in your data directories."
    );
  }
  return null;
}

/** What a directory becomes. */
interface Plan {
  readonly kind: string;
  readonly directoryId: Uuid;
  readonly initialControllers: readonly InitialController[] | null;
}

function planFor(path: string, host: StorageHost, config: BrokerConfig, request: FormatRequest): Plan {
  const directoryId = randomUuid(host.ports.crypto.secureBytes);
  const { voters } = request;
  if (path !== config.metadataLogDir)
    return { kind: "data directory", directoryId, initialControllers: null };
  if (voters.kind === "configured")
    return { kind: "metadata directory", directoryId, initialControllers: null };
  if (voters.kind === "standalone") {
    const initialControllers = [standaloneController(config, directoryId)];
    return { kind: "dynamic metadata voter directory", directoryId, initialControllers };
  }
  const own = voters.controllers.find(({ nodeId }) => nodeId === config.nodeId);
  return {
    kind: own ? "dynamic metadata voter directory" : "dynamic metadata directory",
    directoryId: own?.directoryId ?? directoryId,
    initialControllers: voters.controllers,
  };
}

function write(
  host: StorageHost,
  path: string,
  config: BrokerConfig,
  request: FormatRequest,
  plan: Plan,
): void {
  const { disk } = host.ports;
  const { clusterId, features, scram } = request;
  const { directoryId, initialControllers } = plan;
  const { nodeId } = config;
  const nowMs = host.ports.clock.wallMs();
  const { files } = formatDirectory({
    clusterId,
    nodeId,
    directoryId,
    features,
    scram,
    initialControllers,
    nowMs,
  });
  makeDirectoryDurable(disk, path);
  for (const [name, content] of files) {
    const slash = name.lastIndexOf("/");
    if (slash >= 0) makeDirectoryDurable(disk, `${path}/${name.slice(0, slash)}`);
    disk.replaceFile(`${path}/${name}`, content);
  }
  writeMetaProperties(disk, path, { clusterId, nodeId, directoryId }, javaDateLine(nowMs));
}

/** Makes a directory and its missing parents, and makes their names durable. */
function makeDirectoryDurable(disk: Disk, path: string): void {
  const made: string[] = [];
  for (let at = path; at.length > 1 && disk.status(at) === null; at = parentOf(at)) made.push(at);
  if (made.length === 0) return;
  disk.makeDirectory(path);
  for (const directory of made) disk.syncDirectory(parentOf(directory));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
