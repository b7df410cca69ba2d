// The snapshot files of the metadata log's directory: which there are, reading the newest, writing one,
// removing old ones. Invariant: a file with a snapshot's name is whole; it is written under another name and
// renamed.
import type { Disk, Pieces } from "@ottla/ports";
import { SNAPSHOT_BYTES_MAX } from "../../../limits.ts";
import { MetadataError } from "../../../metadata-error.ts";
import {
  decodeSnapshotFile,
  encodeSnapshotFileInPieces,
  type SnapshotContent,
} from "../../../records/snapshot-file.ts";
import type { SnapshotId } from "../../meta-log.ts";
import { snapshotFileName, snapshotsIn } from "./file-names.ts";

/** The snapshots of one directory. */
export class Snapshots {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #ids: SnapshotId[];

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.#ids = snapshotsIn(disk.list(directory));
  }

  get newest(): SnapshotId | null {
    return this.#ids.at(-1) ?? null;
  }

  get oldest(): SnapshotId | null {
    return this.#ids[0] ?? null;
  }

  get count(): number {
    return this.#ids.length;
  }

  /** @throws MetadataError, DiskError */
  read(id: SnapshotId): SnapshotContent {
    const path = this.#pathOf(id);
    const bytes = this.bytesOf(id);
    if (bytes > SNAPSHOT_BYTES_MAX)
      throw new MetadataError(`${path}: ${bytes} bytes are too many for a snapshot`);
    try {
      return decodeSnapshotFile(this.#disk.readFile(path));
    } catch (error) {
      if (!(error instanceof MetadataError)) throw error;
      throw new MetadataError(`${path}: ${error.message}`, { cause: error });
    }
  }

  /** The bytes of a snapshot, for `write`. */
  encode(id: SnapshotId, content: SnapshotContent, timestampMs: number): Pieces<Uint8Array> {
    return encodeSnapshotFileInPieces(content, { epoch: id.epoch, timestampMs });
  }

  write(id: SnapshotId, bytes: Uint8Array, done: (error: Error | null) => void): void {
    this.#disk.replaceFileLater(this.#pathOf(id), bytes, (error) => {
      if (error === null) this.#ids.push(id);
      done(error);
    });
  }

  bytesOf(id: SnapshotId): number {
    return this.#disk.status(this.#pathOf(id))?.bytes ?? 0;
  }

  modifiedMs(id: SnapshotId): number {
    return this.#disk.status(this.#pathOf(id))?.modifiedMs ?? 0;
  }

  totalBytes(): number {
    return this.#ids.reduce((sum, id) => sum + this.bytesOf(id), 0);
  }

  removeOldest(): void {
    const id = this.#ids.shift();
    if (id !== undefined) this.#disk.remove(this.#pathOf(id));
  }

  #pathOf(id: SnapshotId): string {
    return `${this.#directory}/${snapshotFileName(id)}`;
  }
}
