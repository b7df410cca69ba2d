// kafka-storage info: the log directories of a node, what they say of themselves, and what is wrong with
// them.
import type { BrokerConfig } from "@ottla/config";
import type { MetaProperties } from "@ottla/log";
import type { StorageHost } from "./storage-host.ts";
import { type SurveyedDirectory, surveyDirectories } from "./survey-directories.ts";

/** Answers the exit code: 1 when there is a problem. */
export function printInfo(host: StorageHost, config: BrokerConfig): number {
  const surveyed = surveyDirectories(host.ports.disk, config);
  const found = surveyed.filter(({ kind }) => kind !== "missing" && kind !== "not-a-directory");
  printList(
    host,
    "Found log director",
    found.map(({ path }) => path),
    ["y", "ies"],
  );
  const formatted = surveyed.filter((each) => each.kind === "formatted");
  const first = formatted[0];
  if (first) host.out(`Found metadata: ${metaText(first.meta)}\n\n`);
  const problems = surveyed.flatMap((each) => problemOf(each) ?? []);
  for (const { path, meta } of formatted) {
    const isAlike = meta.clusterId === first?.meta.clusterId && meta.nodeId === first.meta.nodeId;
    if (!isAlike) problems.push(`${path} belongs to another node or cluster: ${metaText(meta)}`);
  }
  printList(host, "Found problem", problems, ["", "s"]);
  return problems.length === 0 ? 0 : 1;
}

function printList(
  host: StorageHost,
  title: string,
  lines: readonly string[],
  endings: [string, string],
): void {
  if (lines.length === 0) return;
  host.out(`${title}${lines.length === 1 ? endings[0] : endings[1]}:\n`);
  for (const line of lines) host.out(`  ${line}\n`);
  host.out("\n");
}

function metaText({ clusterId, nodeId, directoryId }: MetaProperties): string {
  const directory = directoryId === null ? "" : `directory.id=${directoryId}, `;
  return `{cluster.id=${clusterId}, ${directory}node.id=${nodeId}, version=1}`;
}

function problemOf(directory: SurveyedDirectory): string | null {
  switch (directory.kind) {
    case "missing":
      return `${directory.path} does not exist`;
    case "not-a-directory":
      return `${directory.path} is not a directory`;
    case "empty":
      return `${directory.path} is not formatted.`;
    case "unreadable":
      return `${directory.path} cannot be read: ${directory.reason}`;
    case "formatted":
      return null;
  }
}
