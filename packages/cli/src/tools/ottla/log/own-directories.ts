// The log directories of the broker of this machine: those of a properties file, else those that a broker
// without one uses.

import type { ToolHost } from "../../../options/tool-host.ts";
import { quickstartDataDirectory } from "../../../server/quickstart.ts";
import { readConfig } from "../../../server/read-config.ts";
import { NotLookedAt } from "./chosen-directories.ts";

/** Absolute paths. Throws `NotLookedAt` for a file that is no configuration. */
export function ownDirectories(configFile: string | null, host: ToolHost): readonly string[] {
  if (configFile === null) {
    const environment = Object.fromEntries(host.environment);
    return [host.absolutePath(quickstartDataDirectory(environment, process.platform))];
  }
  const read = readConfig(configFile, []);
  if (!read.ok) throw new NotLookedAt(read.problems.join("\n"));
  return [...new Set([...read.config.logDirs, read.config.metadataLogDir])];
}
