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
