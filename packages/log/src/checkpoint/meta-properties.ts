// `meta.properties` at the top of a log directory: which node of which cluster it belongs to, and its own id.
// A directory without the file is not formatted; one with another cluster's id must not be used.
import type { Disk } from "@ottla/ports";
import { parseUuid, type Uuid } from "@ottla/protocol";
import { MalformedCheckpointError, readWholeFile } from "./checkpoint-text.ts";

export const META_PROPERTIES = "meta.properties";

const VERSION = 1;

/**
 * What the file says. The cluster id is free text of at most 22 characters in practice; Kafka does not parse
 * it.
 */
export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: Uuid | null;
}

/** Durable when it returns. `dateLine` is the comment that Java's property files carry. */
export function writeMetaProperties(
  disk: Disk,
  directory: string,
  properties: MetaProperties,
  dateLine: string,
): void {
  const directoryLine = properties.directoryId === null ? "" : `directory.id=${properties.directoryId}\n`;
  const content =
    `#\n#${dateLine}\nnode.id=${properties.nodeId}\n${directoryLine}version=${VERSION}\n` +
    `cluster.id=${properties.clusterId}\n`;
  disk.replaceFile(`${directory}/${META_PROPERTIES}`, new TextEncoder().encode(content));
}

/**
 * The properties, null when the directory is not formatted. Throws `DiskError` and
 * `MalformedCheckpointError`.
 */
export function readMetaProperties(disk: Disk, directory: string): MetaProperties | null {
  const path = `${directory}/${META_PROPERTIES}`;
  const bytes = readWholeFile(disk, path);
  if (bytes === null) return null;
  const values = parseProperties(new TextDecoder().decode(bytes));
  if (values.get("version") !== String(VERSION)) {
    throw new MalformedCheckpointError(
      path,
      `version ${VERSION} expected, found ${values.get("version") ?? "none"}`,
    );
  }
  const clusterId = values.get("cluster.id");
  const nodeIdText = values.get("node.id");
  if (clusterId === undefined || clusterId === "") throw new MalformedCheckpointError(path, "no cluster.id");
  if (nodeIdText === undefined || !/^[0-9]{1,10}$/.test(nodeIdText)) {
    throw new MalformedCheckpointError(path, `node.id "${nodeIdText ?? ""}" is not a number`);
  }
  const idText = values.get("directory.id");
  const directoryId = idText === undefined ? null : parseUuid(idText);
  if (idText !== undefined && directoryId === null) {
    throw new MalformedCheckpointError(path, `directory.id "${idText}" is not an id`);
  }
  return { clusterId, nodeId: Number(nodeIdText), directoryId };
}

/**
 * Java's property syntax as far as this file uses it: comments, `key=value`, blanks around both, `\` before
 * `:` and `=`.
 */
function parseProperties(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const bare = line.trim();
    if (bare === "" || bare.startsWith("#") || bare.startsWith("!")) continue;
    const at = bare.indexOf("=");
    if (at < 0) continue;
    values.set(
      bare.slice(0, at).trim(),
      bare
        .slice(at + 1)
        .trim()
        .replaceAll("\\", ""),
    );
  }
  return values;
}
