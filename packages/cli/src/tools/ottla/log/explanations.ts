// What each kind of finding means, in plain words: for whoever reads the data, what a start of the broker
// does with it, what a repair does. Facts come from the look itself (package log); nothing is decided here.
import type { Finding, FindingKind } from "@ottla/log";

/** `note`: as it may be. `wrong`: nothing is lost, something is made again. `lost`: records are. */
export type Severity = "note" | "wrong" | "lost";

/** What there is to say of a kind. */
export interface Explanation {
  readonly severity: Severity;
  readonly what: (finding: Finding) => string;
  readonly meaning: string;
  readonly onStart: string;
  /** What a repair does; null: nothing, it is the broker's. */
  readonly onRepair: string | null;
}

const NOTHING = "Nothing.";
const LEFT = null;

function records({ fromOffset, toOffset }: Finding): string {
  if (fromOffset === undefined) return "records";
  if (toOffset === undefined) return `records from offset ${fromOffset} on`;
  if (toOffset <= fromOffset + 1) return `the record at offset ${fromOffset}`;
  return `records at offsets ${fromOffset} to ${toOffset - 1}`;
}

function place({ position, bytes }: Finding): string {
  if (position === undefined) return "";
  return bytes === undefined || bytes === 0
    ? ` at byte ${position}`
    : ` in bytes ${position} to ${position + bytes - 1}`;
}

function because({ reason }: Finding): string {
  return reason === undefined ? "" : `: ${reason}`;
}

const ofDirectory = {
  "in-use": {
    severity: "note",
    what: () => "A broker uses this directory",
    meaning:
      "What is being written while this looks (the end of each log, checkpoints, files on their way out) is passed over.",
    onStart: "Refused until the other one has ended.",
    onRepair: "Refused until the broker is stopped.",
  },
  "unclean-stop": {
    severity: "note",
    what: ({ bytes = 0 }) =>
      `The last user did not stop in order; ${bytes} bytes lie behind the recovery points`,
    meaning: "A crash, a kill, or a loss of power. What was acknowledged is expected to be there.",
    onStart: "Checks those bytes, batch by batch, before the logs open.",
    onRepair: LEFT,
  },
  "not-formatted": {
    severity: "wrong",
    what: () => "There is no meta.properties",
    meaning: "Nobody can tell which node of which cluster the directory belongs to.",
    onStart: "Refused.",
    onRepair: "Nothing: format the directory (kafka-storage.sh format), or put its meta.properties back.",
  },
  "malformed-meta-properties": {
    severity: "wrong",
    what: (finding) => `meta.properties cannot be read${because(finding)}`,
    meaning: "Nobody can tell which node of which cluster the directory belongs to.",
    onStart: "Refused.",
    onRepair: "Nothing: put the right meta.properties back.",
  },
  "malformed-checkpoint": {
    severity: "wrong",
    what: (finding) => `A checkpoint cannot be read${because(finding)}`,
    meaning:
      "It is a lower bound for each log, so nothing is lost; deleted records may be seen again until retention takes them.",
    onStart: "Takes it for empty, checks the logs from their beginnings, and writes it anew.",
    onRepair: LEFT,
  },
  "stale-checkpoint-lines": {
    severity: "note",
    what: (finding) => `Checkpoints tell of partitions that are not here${because(finding)}`,
    meaning: "They were deleted or moved, unless you miss them.",
    onStart: "Drops the lines with the next checkpoint.",
    onRepair: LEFT,
  },
  "failed-sync": {
    severity: "wrong",
    what: () => "The disk refused to make writes durable (.ottla_sync_failed)",
    meaning: "What this reads may be in the system's cache alone. Look at the disk before you go on.",
    onStart: "Writes everything behind the recovery points anew, and syncs it, before it counts.",
    onRepair: LEFT,
  },
  journal: {
    severity: "note",
    what: ({ bytes = 0 }) => `The sync journal holds ${bytes} bytes of records`,
    meaning: "They were made durable there; the segments usually hold them, too.",
    onStart: "Puts back what the segments lack, then removes the journal.",
    onRepair: LEFT,
  },
  "journal-damaged": {
    severity: "lost",
    what: () => "The sync journal is damaged: a part of it is missing",
    meaning: "Records that a segment lacks may be gone for good.",
    onStart: "Uses what is whole.",
    onRepair: LEFT,
  },
  "deleted-directory": {
    severity: "note",
    what: () => "A deleted partition that was not yet removed",
    meaning: NOTHING,
    onStart: "Removes it.",
    onRepair: "Removes it.",
  },
  "future-directory": {
    severity: "note",
    what: () => "A copy of a partition on its way into this directory",
    meaning: NOTHING,
    onStart: "Goes on with the move, or drops the copy.",
    onRepair: LEFT,
  },
  "stray-directory": {
    severity: "note",
    what: () => "A partition that the cluster did not know (stray)",
    meaning: "Nothing reads it. Its records may be looked at, or the directory removed, by you.",
    onStart: "Leaves it.",
    onRepair: "Leaves it.",
  },
  "in-two-directories": {
    severity: "wrong",
    what: (finding) => `The partition is in two log directories${because(finding)}`,
    meaning: "Nobody can tell which of them counts.",
    onStart: "Refused, unless one of them says that it replaces the other.",
    onRepair: "Nothing: move one of them away.",
  },
  unreadable: {
    severity: "lost",
    what: (finding) => `It cannot be read${because(finding)}`,
    meaning: "The disk, or the rights of whoever looks.",
    onStart: "Takes the log directory offline, or refuses.",
    onRepair: NOTHING,
  },
  "gone-meanwhile": {
    severity: "note",
    what: () => "It was removed while this looked",
    meaning:
      "Retention, compaction or a deletion of the broker that runs. The rest of this partition was not looked at: look again.",
    onStart: NOTHING,
    onRepair: NOTHING,
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;

const ofLog = {
  "leftover-file": {
    severity: "note",
    what: () => "A file on its way out, or one that was never completed",
    meaning: "An interrupted deletion, compaction or write; it is no part of the log.",
    onStart: "Removes it.",
    onRepair: "Removes it.",
  },
  "interrupted-swap": {
    severity: "note",
    what: () => "A compaction was interrupted while it replaced segments",
    meaning: "The compacted segment is whole and counts.",
    onStart: "Completes the replacement.",
    onRepair: "Completes the replacement.",
  },
  "orphan-index": {
    severity: "note",
    what: () => "An index without its segment",
    meaning: "Of a deleted segment, unless you miss one.",
    onStart: "Removes it.",
    onRepair: "Removes it.",
  },
  "cut-bytes": {
    severity: "note",
    what: () => "Bytes that an earlier recovery cut off, although whole batches followed the damage",
    meaning: "Nothing reads them; they are kept for you to look at.",
    onStart: "Leaves it.",
    onRepair: "Leaves it.",
  },
  "missing-partition-metadata": {
    severity: "wrong",
    what: () => "The partition's topic id is not there",
    meaning:
      "The log cannot prove which topic it is of; a topic created anew under its name would not be told apart.",
    onStart: "Takes the log by its name, without what the sync journal may hold of it.",
    onRepair: LEFT,
  },
  "malformed-partition-metadata": {
    severity: "wrong",
    what: (finding) => `partition.metadata cannot be read${because(finding)}`,
    meaning: "The log cannot prove which topic it is of.",
    onStart: "Refused.",
    onRepair: "Nothing: write the topic's id back, as in the other partitions of the topic.",
  },
  "wrong-index": {
    severity: "wrong",
    what: (finding) => `An index is wrong${because(finding)}`,
    meaning: "No record is touched; look-ups by offset or time walk further.",
    onStart: "Makes it again from the segment.",
    onRepair: "Makes it again from the segment.",
  },
  "wrong-index-entries": {
    severity: "wrong",
    what: () => "An index has entries that do not fit the segment's batches",
    meaning: "No record is touched; a look-up by time may answer a wrong offset.",
    onStart: "Does not see it after a stop in order; the scrub makes the index again later.",
    onRepair: "Makes it again from the segment.",
  },
  "wrong-transaction-index": {
    severity: "wrong",
    what: (finding) => `The index of aborted transactions is wrong${because(finding)}`,
    meaning: "Consumers that read committed records only could be given aborted ones.",
    onStart: "Makes it again from the batches.",
    onRepair: "Makes it again from the batches.",
  },
  "missing-aborted-transactions": {
    severity: "lost",
    what: (finding) =>
      `Aborted transactions are missing in the index${because(finding)}, of ${records(finding)}`,
    meaning: "Consumers that read committed records only are given aborted ones.",
    onStart: "Does not see it after a stop in order.",
    onRepair: "Adds them.",
  },
  "wrong-producer-snapshot": {
    severity: "wrong",
    what: () => "A snapshot of the producers is no such thing",
    meaning: "No record is touched; what it told follows from the log.",
    onStart: "Removes it and replays the log from an older one.",
    onRepair: "Removes it.",
  },
  "wrong-leader-epochs": {
    severity: "wrong",
    what: (finding) => `The leader epochs are wrong${because(finding)}`,
    meaning: "Followers could cut their logs in the wrong place.",
    onStart: "Makes the file again from the batches.",
    onRepair: "Makes the file again from the batches.",
  },
  "log-start-beyond-end": {
    severity: "wrong",
    what: ({ fromOffset, toOffset }) => `The log starts at offset ${toOffset}, behind its end ${fromOffset}`,
    meaning: "Records up to there were deleted, and what came behind them is not here.",
    onStart: "Goes on at the end of the log.",
    onRepair: LEFT,
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;

const ofRecords = {
  "known-damage": {
    severity: "lost",
    what: (finding) => `Known damage${place(finding)}: ${records(finding)}`,
    meaning:
      "Reading them answers CORRUPT_MESSAGE; everything else is served. A replica or a backup may have them.",
    onStart: "Goes on telling readers, until the right bytes are there.",
    onRepair: "Nothing: no one can make records again. A replica brings them back when this one is deleted.",
  },
  damage: {
    severity: "lost",
    what: (finding) => `Damaged${place(finding)}: ${records(finding)}`,
    meaning: "They were durable and cannot be read any more. A replica or a backup may have them.",
    onStart:
      "Keeps the bytes and answers CORRUPT_MESSAGE for these offsets; below the recovery point it does so only once the scrub has come there.",
    onRepair: "Notes the offsets, so that readers are told from the start. The bytes stay as they are.",
  },
  "damage-behind-recovery": {
    severity: "lost",
    what: (finding) => `Damaged${place(finding)}, behind what is known to be durable; whole batches follow`,
    meaning:
      "With the default durability nobody was told that these records are safe, but they may have been read.",
    onStart: "Ends the log here; what is cut is kept in a file `.cut` beside the segment.",
    onRepair: LEFT,
  },
  "torn-tail": {
    severity: "wrong",
    what: (finding) => `The last ${finding.bytes ?? 0} bytes are no whole batch${place(finding)}`,
    meaning: "A write that was not completed when the broker ended; nobody was told that it is safe.",
    onStart: "Cuts it off.",
    onRepair: LEFT,
  },
  "moving-tail": {
    severity: "note",
    what: (finding) => `The end is being written${place(finding)}`,
    meaning: NOTHING,
    onStart: NOTHING,
    onRepair: NOTHING,
  },
  "journaled-records": {
    severity: "note",
    what: (finding) => `The segment lacks ${records(finding)}, which the sync journal has`,
    meaning:
      "Nothing is lost as long as an Ottla broker starts here; Apache Kafka does not know the journal.",
    onStart: "Puts them back.",
    onRepair: LEFT,
  },
  "lost-tail": {
    severity: "lost",
    what: (finding) => `The log ends too early: ${records(finding)} were durable and are not here`,
    meaning: "They are gone from this replica. Another one or a backup may have them.",
    onStart: "Answers CORRUPT_MESSAGE for these offsets, and never gives them out again.",
    onRepair: LEFT,
  },
  gap: {
    severity: "lost",
    what: (finding) => `Between this segment and the next one ${records(finding)} are missing`,
    meaning: "A segment was removed, unless compaction took the records.",
    onStart: "Serves what is there; consumers go on at the next offset.",
    onRepair: NOTHING,
  },
  overlap: {
    severity: "lost",
    what: (finding) => `This segment goes on where the next one has begun: ${records(finding)} are in both`,
    meaning: "A file of another log or of another time. Readers may get records twice.",
    onStart: "Does not see it after a stop in order.",
    onRepair: "Nothing: it takes a human to say which of them counts.",
  },
  "metadata-damage": {
    severity: "lost",
    what: (finding) => `The metadata log is damaged${place(finding)}: ${records(finding)}`,
    meaning: "Topics, settings or rights are missing in it.",
    onStart: "Refused.",
    onRepair: "Nothing: bring the directory back from another controller or a backup.",
  },
  "wrong-metadata-snapshot": {
    severity: "wrong",
    what: (finding) => `A snapshot of the metadata is damaged${place(finding)}`,
    meaning: "A start from it would lack topics, settings or rights.",
    onStart: "Refused when it is the newest one.",
    onRepair: NOTHING,
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;

/** By kind; all of them. */
export const explanations: Readonly<Record<FindingKind, Explanation>> = {
  ...ofDirectory,
  ...ofLog,
  ...ofRecords,
};

const BROKERS = "Leaves it to the broker's recovery.";

/** What a repair does about this finding, here and now. */
export function repairOf(finding: Finding): string {
  const { onRepair } = explanations[finding.kind];
  return onRepair === null || finding.mendedBy === "broker" ? BROKERS : onRepair;
}
