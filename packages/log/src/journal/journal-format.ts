// The bytes of the sync journal, see docs/formats/sync-journal.md: two halves, each a page of header and then
// groups, a group being what one fdatasync made durable. Invariant: what decodes is whole, by its checksum.
// Not here: what may be believed of it (journal-reader.ts), where the next group goes (sync-journal.ts).
import { crc32c, decodeUtf8, type Uuid, uuidFromBytes, writeUtf8, writeUuid } from "@ottla/protocol";
import { JOURNAL_BYTES_MAX, JOURNAL_PAGE_BYTES } from "../limits.ts";

export const SYNC_JOURNAL = ".ottla_sync_journal";

const HALF_MAGIC = 0x4f544a48;
const GROUP_MAGIC = 0x4f544a47;
const VERSION = 1;
const HALF_HEADER_BYTES = 24;
export const GROUP_HEADER_BYTES = 28;
const RUN_HEADER_BYTES = 54;

/** The header of a half. */
export interface HalfHeader {
  /** Ascends with every new use of a half, over both of them. */
  readonly generation: number;
  readonly halfBytes: number;
}

/** Whose bytes a run holds and where they stand in the log. */
export interface RunPlace {
  /** Name of the partition's directory. */
  readonly name: string;
  readonly topicId: Uuid;
  readonly segmentBaseOffset: number;
  /** Position of the first byte in the segment's file. */
  readonly position: number;
  /** The log's end before and after these bytes. */
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Whole batches as they stand in a segment. */
export interface JournaledRun extends RunPlace {
  readonly bytes: Uint8Array;
}

/** A group that decoded. */
export interface JournalGroup {
  readonly sequence: number;
  /** Without what fills its last page. */
  readonly bytes: number;
  readonly runs: readonly JournaledRun[];
}

export function pagesFor(bytes: number): number {
  return Math.ceil(bytes / JOURNAL_PAGE_BYTES) * JOURNAL_PAGE_BYTES;
}

/** A whole page. */
export function encodeHalfHeader({ generation, halfBytes }: HalfHeader): Uint8Array {
  const bytes = new Uint8Array(JOURNAL_PAGE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HALF_MAGIC);
  view.setUint32(4, VERSION);
  setUint64(view, 8, generation);
  view.setUint32(16, halfBytes);
  view.setUint32(20, crc32c(bytes, 0, 20));
  return bytes;
}

/** Null when there is none, or not of this version. */
export function decodeHalfHeader(bytes: Uint8Array): HalfHeader | null {
  if (bytes.length < HALF_HEADER_BYTES) return null;
  const view = viewOf(bytes);
  if (view.getUint32(0) !== HALF_MAGIC || view.getUint32(4) !== VERSION) return null;
  if (view.getUint32(20) !== crc32c(bytes, 0, 20)) return null;
  const halfBytes = view.getUint32(16);
  if (halfBytes < 2 * JOURNAL_PAGE_BYTES || halfBytes > JOURNAL_BYTES_MAX / 2) return null;
  if (halfBytes % JOURNAL_PAGE_BYTES !== 0) return null;
  return { generation: getUint64(view, 8), halfBytes };
}

/** Bytes of a run with its header. */
export function runBytes(name: string, bytes: number): number {
  // Names of topics are ASCII.
  return RUN_HEADER_BYTES + name.length + bytes;
}

/** Writes a run's header and name; answers where its bytes go. */
export function encodeRunHeader(target: Uint8Array, at: number, place: RunPlace, bytes: number): number {
  const view = viewOf(target);
  setUint64(view, at, place.segmentBaseOffset);
  setUint64(view, at + 8, place.position);
  setUint64(view, at + 16, place.startOffset);
  setUint64(view, at + 24, place.endOffset);
  view.setUint32(at + 32, bytes);
  view.setUint16(at + 36, place.name.length);
  writeUuid(place.topicId, target, at + 38);
  return writeUtf8(target, at + RUN_HEADER_BYTES, place.name);
}

/** Completes a group whose runs stand in `[GROUP_HEADER_BYTES, bytes)`. */
export function encodeGroupHeader(
  target: Uint8Array,
  group: {
    readonly generation: number;
    readonly sequence: number;
    readonly bytes: number;
    readonly runs: number;
  },
): void {
  const view = viewOf(target);
  view.setUint32(0, GROUP_MAGIC);
  setUint64(view, 8, group.generation);
  view.setUint32(16, group.sequence);
  view.setUint32(20, group.bytes);
  view.setUint32(24, group.runs);
  view.setUint32(4, crc32c(target, 8, group.bytes));
}

/** The group of this generation that starts at `at`; null when there is none, or not a whole one. */
export function decodeGroup(half: Uint8Array, at: number, generation: number): JournalGroup | null {
  if (at + GROUP_HEADER_BYTES > half.length) return null;
  const view = viewOf(half);
  if (view.getUint32(at) !== GROUP_MAGIC || getUint64(view, at + 8) !== generation) return null;
  const bytes = view.getUint32(at + 20);
  if (bytes < GROUP_HEADER_BYTES || at + bytes > half.length) return null;
  if (view.getUint32(at + 4) !== crc32c(half, at + 8, at + bytes)) return null;
  const runs: JournaledRun[] = [];
  let next = at + GROUP_HEADER_BYTES;
  for (let left = view.getUint32(at + 24); left > 0; left--) {
    const run = decodeRun(half, view, next, at + bytes);
    if (run === null) return null;
    runs.push(run);
    next += runBytes(run.name, run.bytes.length);
  }
  return { sequence: view.getUint32(at + 16), bytes, runs };
}

function decodeRun(half: Uint8Array, view: DataView, at: number, end: number): JournaledRun | null {
  if (at + RUN_HEADER_BYTES > end) return null;
  const bytes = view.getUint32(at + 32);
  const nameAt = at + RUN_HEADER_BYTES;
  const bytesAt = nameAt + view.getUint16(at + 36);
  if (bytesAt + bytes > end) return null;
  return {
    name: decodeUtf8(half, nameAt, bytesAt),
    topicId: uuidFromBytes(half, at + 38),
    segmentBaseOffset: getUint64(view, at),
    position: getUint64(view, at + 8),
    startOffset: getUint64(view, at + 16),
    endOffset: getUint64(view, at + 24),
    bytes: half.subarray(bytesAt, bytesAt + bytes),
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value % 2 ** 32);
}

function getUint64(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
