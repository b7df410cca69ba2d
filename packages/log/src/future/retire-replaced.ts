// A partition that a crash left in two log directories. After a move that it ended between the two renames,
// the one that says which directory it replaces is in use. Without such a word one that never held a record
// gives way: a removal or a creation whose names the crash took back. The other one is set to be removed.
// Else both stay, and the start is refused: a human has to say which one counts.

import { readReplacedDirectory } from "../checkpoint/replaced-directory.ts";
import {
  logDirectoryName,
  retiredDirectoryName,
  type TopicPartition,
} from "../directory/log-directory-name.ts";
import type { OpenedDirectory } from "../directory/open-directory.ts";
import type { LogContext } from "../log-context.ts";
import { baseOffsetOfFileName, LOG_SUFFIX } from "../segment/segment-file-name.ts";

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

/** Null when nothing tells which one counts. */
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
  if (oneWins !== otherWins) return oneWins ? other : one;
  if (isUntouched(context, one, partition)) return one;
  return isUntouched(context, other, partition) ? other : null;
}

/** Nothing tells of a record in it, now or before. */
function isUntouched(context: LogContext, holder: OpenedDirectory, partition: TopicPartition): boolean {
  const { disk } = context.ports;
  const name = logDirectoryName(partition.topic, partition.partition);
  const { recoveryPoints, logStartOffsets, highWatermarks, journaled } = holder;
  for (const offsets of [recoveryPoints, logStartOffsets, highWatermarks]) {
    if ((offsets.get(name) ?? 0) > 0) return false;
  }
  // What the journal holds was acknowledged, wherever else it may be missing.
  if (journaled?.holds(name) === true) return false;
  const path = pathIn(holder, partition);
  return disk.list(path).every((file) => {
    const baseOffset = baseOffsetOfFileName(file, LOG_SUFFIX);
    return baseOffset === null || (baseOffset === 0 && disk.status(`${path}/${file}`)?.bytes === 0);
  });
}

function retire(context: LogContext, from: OpenedDirectory, partition: TopicPartition): void {
  const { disk, random } = context.ports;
  const { directory } = from;
  const name = retiredDirectoryName(partition.topic, partition.partition, random.bytes(16), "-delete");
  disk.rename(pathIn(from, partition), `${directory.path}/${name}`);
  disk.syncDirectory(directory.path);
  directory.doomed.addDirectory(`${directory.path}/${name}`, 0);
  directory.checkpoints.foundStale(logDirectoryName(partition.topic, partition.partition));
  context.logger.warn("a partition was in two log directories: this copy does not count and is removed", {
    path: pathIn(from, partition),
  });
}
