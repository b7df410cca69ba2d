// A move that a crash ended between its two renames has left the partition in two log directories. The one
// that says which directory it replaces is in use; the other one is set to be removed. Without such a word
// both stay, and the start is refused: a human has to say which one counts.

import { readReplacedDirectory } from "../checkpoint/replaced-directory.ts";
import {
  logDirectoryName,
  retiredDirectoryName,
  type TopicPartition,
} from "../directory/log-directory-name.ts";
import type { OpenedDirectory } from "../directory/open-directory.ts";
import type { LogContext } from "../log-context.ts";

/** Path of the partition's directory. */
export function pathIn({ directory }: OpenedDirectory, { topic, partition }: TopicPartition): string {
  return `${directory.path}/${logDirectoryName(topic, partition)}`;
}

/** Renames what was replaced; answers the paths it had. Throws `DiskError`. */
export function retireReplaced(
  context: LogContext,
  directories: readonly OpenedDirectory[],
): ReadonlySet<string> {
  const holders = new Map<string, OpenedDirectory>();
  const replaced = new Set<string>();
  for (const holder of directories) {
    for (const partition of holder.partitions) {
      const name = logDirectoryName(partition.topic, partition.partition);
      const other = holders.get(name);
      if (other === undefined) {
        holders.set(name, holder);
        continue;
      }
      const loser = replacedOf(context, partition, holder, other);
      if (loser === null) continue;
      retire(context, loser, partition);
      replaced.add(pathIn(loser, partition));
      holders.set(name, loser === holder ? other : holder);
    }
  }
  return replaced;
}

/** Null when neither says that it replaces the other, or both do. */
function replacedOf(
  context: LogContext,
  partition: TopicPartition,
  one: OpenedDirectory,
  other: OpenedDirectory,
): OpenedDirectory | null {
  const { disk } = context.ports;
  const says = (holder: OpenedDirectory, about: OpenedDirectory): boolean => {
    const { id, path } = about.directory;
    return readReplacedDirectory(disk, pathIn(holder, partition)) === (id ?? path);
  };
  const [oneWins, otherWins] = [says(one, other), says(other, one)];
  if (oneWins === otherWins) return null;
  return oneWins ? other : one;
}

function retire(context: LogContext, from: OpenedDirectory, partition: TopicPartition): void {
  const { disk, random } = context.ports;
  const { directory } = from;
  const name = retiredDirectoryName(partition.topic, partition.partition, random.bytes(16), "-delete");
  disk.rename(pathIn(from, partition), `${directory.path}/${name}`);
  disk.syncDirectory(directory.path);
  directory.doomed.addDirectory(`${directory.path}/${name}`, 0);
  directory.checkpoints.foundStale(logDirectoryName(partition.topic, partition.partition));
  context.logger.warn("the copy of a replica that had been moved is removed", {
    path: pathIn(from, partition),
  });
}
