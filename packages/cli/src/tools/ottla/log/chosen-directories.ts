// Which log directories, and which partitions in them, the words of `ottla log …` mean: paths of log
// directories, paths of partitions, or names of partitions in the broker's directories.
import { type Disk, DiskError } from "@ottla/ports";
import type { ToolHost } from "../../../options/tool-host.ts";

/** A log directory; `partitions` null: all that it holds. */
export interface ChosenDirectory {
  readonly path: string;
  readonly partitions: ReadonlySet<string> | null;
}

/** What was asked for cannot be looked at. */
export class NotLookedAt extends Error {}

/** `own`: the broker's directories, for words that are no paths and for no words. Throws `NotLookedAt`. */
export function chosenDirectories(
  words: readonly string[],
  own: () => readonly string[],
  host: ToolHost,
): ChosenDirectory[] {
  const chosen = new Map<string, Set<string> | null>();
  const choose = (path: string, partition: string | null): void => {
    const known = chosen.get(path);
    if (partition === null || known === null) chosen.set(path, null);
    else chosen.set(path, (known ?? new Set()).add(partition));
  };
  const { disk } = host.ports;
  if (words.length === 0) for (const path of own()) choose(checked(disk, path), null);
  for (const word of words) {
    const path = host.absolutePath(word);
    if (kindOf(disk, path) === "directory") {
      const partition = partitionIn(disk, path);
      if (partition === null) choose(path, null);
      else choose(path.slice(0, -partition.length - 1), partition);
      continue;
    }
    const holders = word.includes("/")
      ? []
      : own().filter((each) => kindOf(disk, `${each}/${word}`) === "directory");
    if (holders.length === 0)
      throw new NotLookedAt(`${word}: there is no such directory, and no such partition`);
    for (const holder of holders) choose(holder, word);
  }
  return [...chosen].map(([path, partitions]) => ({ path, partitions }));
}

function checked(disk: Disk, path: string): string {
  if (kindOf(disk, path) !== "directory") throw new NotLookedAt(`${path}: there is no such directory`);
  return path;
}

function kindOf(disk: Disk, path: string): string | null {
  try {
    return disk.status(path)?.kind ?? null;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new NotLookedAt(error.message);
  }
}

/** The name of the partition whose directory this is; null for anything else, a log directory say. */
function partitionIn(disk: Disk, path: string): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isNamed = /^[a-zA-Z0-9._-]{1,249}-[0-9]{1,10}$/.test(name);
  if (!isNamed || disk.status(`${path}/meta.properties`) !== null) return null;
  const names = disk.list(path);
  const isLog = names.some((each) => /^[0-9]{20}\.log$/.test(each) || each === "partition.metadata");
  return isLog ? name : null;
}
