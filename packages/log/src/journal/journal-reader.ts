// What an unclean stop left in the sync journal, read once, before logs are opened. Invariant: only groups
// whose checksum is right and whose generation is that of their half are looked at; memory is bounded by the
// journal's size. Not here: whether a log needs any of it (recovery/recover-segment.ts).
import type { Disk, Logger } from "@ottla/ports";
import { JOURNAL_BYTES_MAX, JOURNAL_PAGE_BYTES } from "../limits.ts";
import {
  decodeGroup,
  decodeHalfHeader,
  type HalfHeader,
  type JournaledRun,
  pagesFor,
  SYNC_JOURNAL,
} from "./journal-format.ts";
import { JournaledLogs } from "./journaled-logs.ts";

interface FoundHalf extends HalfHeader {
  readonly content: Uint8Array;
}

/** The runs in the journal of `directory`; null when there is none. Throws `DiskError`. */
export function readSyncJournal(disk: Disk, directory: string, logger: Logger): JournaledLogs | null {
  const path = `${directory}/${SYNC_JOURNAL}`;
  const status = disk.status(path);
  if (status === null) return null;
  const file = disk.open(path, "read");
  try {
    const read = (from: number, bytes: number): Uint8Array => {
      const target = new Uint8Array(Math.max(0, Math.min(bytes, status.bytes - from)));
      return target.subarray(0, file.read(target, from));
    };
    // The header of one half may be torn: it was about to be used again, and the other one tells the size.
    const first = decodeHalfHeader(read(0, JOURNAL_PAGE_BYTES));
    const halfBytes = first?.halfBytes ?? Math.floor(Math.min(status.bytes, JOURNAL_BYTES_MAX) / 2);
    const found: FoundHalf[] = [];
    for (const start of [0, halfBytes]) {
      const content = read(start, halfBytes);
      const header = decodeHalfHeader(content);
      if (header !== null && header.halfBytes === halfBytes) found.push({ ...header, content });
    }
    found.sort((left, right) => left.generation - right.generation);
    return new JournaledLogs(found.flatMap((half) => runsOf(half, path, logger)));
  } finally {
    file.close();
  }
}

/** In the order of their writing. A torn group ends a half; one before later groups is damage, and told. */
function runsOf(half: FoundHalf, path: string, logger: Logger): JournaledRun[] {
  const runs: JournaledRun[] = [];
  let sequence = 0;
  for (let at = JOURNAL_PAGE_BYTES; at < half.content.length; ) {
    const group = decodeGroup(half.content, at, half.generation);
    if (group === null) {
      at += JOURNAL_PAGE_BYTES;
      continue;
    }
    if (group.sequence !== sequence) {
      logger.error("the sync journal is damaged: groups are missing", {
        path,
        generation: half.generation,
        expected: sequence,
        found: group.sequence,
      });
    }
    runs.push(...group.runs);
    sequence = group.sequence + 1;
    at += pagesFor(group.bytes);
  }
  return runs;
}
