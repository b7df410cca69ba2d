// Why a node does not start, in one line that names what to do about it.
import type { BrokerConfig } from "@ottla/config";
import { NetworkError } from "@ottla/ports";
import type { SurveyedDirectory } from "../storage/survey-directories.ts";

/**
 * The line for log directories that cannot be used, or null when all are formatted. `file` is the
 * configuration's.
 */
export function directoryProblem(
  surveyed: readonly SurveyedDirectory[],
  config: BrokerConfig,
  file: string,
): string | null {
  const unreadable = surveyed.flatMap((each) => {
    if (each.kind === "unreadable") return [`${each.path} cannot be read: ${each.reason}`];
    return each.kind === "not-a-directory" ? [`${each.path} is not a directory`] : [];
  });
  if (unreadable.length > 0) return unreadable.join("; ");
  const stranger = strangerProblem(surveyed);
  if (stranger !== null) return stranger;
  const bare = surveyed.filter(({ kind }) => kind === "missing" || kind === "empty").map(({ path }) => path);
  if (bare.length === 0) return null;
  const isFirst = bare.length === surveyed.length;
  const summary = isFirst ? "No readable meta.properties files found. " : "";
  const standalone = config.isController && config.controllerQuorumVoters.length === 0 ? " --standalone" : "";
  const rest = isFirst ? "" : " --ignore-formatted";
  const id = isFirst ? '"$(bin/kafka-storage.sh random-uuid)"' : "CLUSTER_ID";
  return (
    `${summary}No \`meta.properties\` found in ${bare.join(", ")}: format it with ` +
    `bin/kafka-storage.sh format${standalone}${rest} -t ${id} -c ${file}`
  );
}

/** Two directories that cannot be one node's: of different clusters, or one a copy of the other. */
function strangerProblem(surveyed: readonly SurveyedDirectory[]): string | null {
  const formatted = surveyed.flatMap((each) => (each.kind === "formatted" ? [each] : []));
  const [first, ...others] = formatted;
  if (first === undefined) return null;
  const pathOf = new Map([[first.meta.directoryId, first.path]]);
  for (const { path, meta } of others) {
    if (meta.clusterId !== first.meta.clusterId) {
      return (
        `Invalid cluster.id in: ${path}/meta.properties. Expected ${first.meta.clusterId} as in ${first.path}, ` +
        `but read ${meta.clusterId}: 'log.dirs' names directories of two clusters`
      );
    }
    const twin = meta.directoryId === null ? undefined : pathOf.get(meta.directoryId);
    if (twin !== undefined) {
      return (
        `Duplicate directory.id in: ${path}/meta.properties. ${twin} has ${meta.directoryId}, too: ` +
        "one directory is a copy of the other; keep the one that is to be used"
      );
    }
    pathOf.set(meta.directoryId, path);
  }
  return null;
}

const systemReasons: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "Address already in use. Stop the program that listens there, or change 'listeners'."],
  ["EADDRNOTAVAIL", "this machine has no such address. Correct the host in 'listeners'."],
  ["EACCES", "not allowed. Ports below 1024 need a privilege; choose another in 'listeners'."],
  ["ENOTFOUND", "the host name cannot be resolved. Correct it in 'listeners', or add it to /etc/hosts."],
]);

const quickstartInUse =
  "Address already in use. Stop the program that listens there (bin/kafka-server-stop.sh stops an Ottla), " +
  "or take other ports: OTTLA_PORT=19092 npm start";

/** The line for a socket that cannot be opened; null for other causes. */
export function listenProblem(cause: unknown, isQuickstart: boolean): string | null {
  if (!(cause instanceof NetworkError)) return null;
  const isTaken = cause.code === "EADDRINUSE" && isQuickstart;
  const reason = isTaken ? quickstartInUse : (systemReasons.get(cause.code) ?? cause.code);
  const host = cause.host === "" || cause.host === "::" ? "0.0.0.0" : cause.host;
  return `Socket server failed to bind to ${host}:${cause.port}: ${reason}`;
}
