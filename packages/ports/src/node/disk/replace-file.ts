// Replaces a whole small file so that a crash leaves the old or the new content. `replaceFileLater` calls for
// one path form a queue; a blocking `replaceFile` overtakes them: what it finds queued or half done is given
// up as replaced already. Few are under way at once, however many paths wait: each holds a descriptor and
// most of the time a thread of the pool, which acknowledgements wait for.
import {
  close,
  closeSync,
  fdatasync,
  fdatasyncSync,
  open,
  openSync,
  renameSync,
  unlink,
  unlinkSync,
  write,
} from "node:fs";
import { type DiskDone, DiskError } from "../../disk.ts";
import { attempt, toDiskError } from "./disk-error.ts";
import { parentDirectory, syncDirectory, syncDirectoryLater } from "./sync-directory.ts";
import { writeParts } from "./write-parts.ts";

const FILE_MODE = 0o644;

const REPLACED_AT_ONCE_MAX = 4;

interface Replacement {
  readonly content: Uint8Array;
  readonly done: DiskDone;
  isOvertaken: boolean;
}

/** The replacements under way on one disk. */
export class FileReplacements {
  readonly #queues = new Map<string, Replacement[]>();
  /** Paths with a queue of which nothing is under way, in order of arrival. */
  readonly #waiting = new Set<string>();
  #underWay = 0;

  replaceNow(path: string, content: Uint8Array): void {
    const temporary = `${path}.tmp`;
    attempt("replace", path, () => {
      const fd = openSync(temporary, "w", FILE_MODE);
      try {
        writeParts(fd, temporary, [content], 0);
        fdatasyncSync(fd);
      } catch (error) {
        closeSync(fd);
        unlinkSync(temporary);
        throw error;
      }
      closeSync(fd);
      for (const queued of this.#queues.get(path) ?? []) queued.isOvertaken = true;
      renameSync(temporary, path);
      syncDirectory(parentDirectory(path));
    });
  }

  replaceLater(path: string, content: Uint8Array, done: DiskDone): void {
    const replacement: Replacement = { content, done, isOvertaken: false };
    const queue = this.#queues.get(path);
    if (queue !== undefined) {
      queue.push(replacement);
      return;
    }
    this.#queues.set(path, [replacement]);
    this.#waiting.add(path);
    this.#beginNext();
  }

  #beginNext(): void {
    for (const path of this.#waiting) {
      if (this.#underWay >= REPLACED_AT_ONCE_MAX) return;
      this.#waiting.delete(path);
      const replacement = this.#queues.get(path)?.[0];
      if (replacement === undefined) continue;
      this.#underWay++;
      this.#begin(path, replacement);
    }
  }

  #begin(path: string, replacement: Replacement): void {
    const temporary = `${path}.later.tmp`;
    writeSynced(temporary, replacement.content, (writeError) => {
      if (writeError !== null) {
        this.#finish(path, replacement, writeError);
        return;
      }
      if (replacement.isOvertaken) {
        unlink(temporary, () => this.#finish(path, replacement, null));
        return;
      }
      // Renamed on the loop, a cheap change of metadata, so that no blocking replacement can come between
      // check and rename.
      try {
        renameSync(temporary, path);
      } catch (error) {
        this.#finish(path, replacement, toDiskError("replace", path, error));
        return;
      }
      syncDirectoryLater(parentDirectory(path), (error) => this.#finish(path, replacement, error));
    });
  }

  #finish(path: string, replacement: Replacement, error: DiskError | null): void {
    const queue = this.#queues.get(path);
    queue?.shift();
    if (queue === undefined || queue.length === 0) this.#queues.delete(path);
    else this.#waiting.add(path);
    this.#underWay--;
    this.#beginNext();
    replacement.done(error);
  }
}

/** Creates or overwrites `path` with durable content, on the pool. */
function writeSynced(path: string, content: Uint8Array, done: DiskDone): void {
  open(path, "w", FILE_MODE, (openError, fd) => {
    if (openError !== null) {
      done(toDiskError("replace", path, openError));
      return;
    }
    const finish = (error: Error | null) => {
      close(fd, (closeError) => {
        const first = error ?? closeError ?? null;
        if (first === null) done(null);
        else unlink(path, () => done(toDiskError("replace", path, first)));
      });
    };
    const writeOn = (position: number) => {
      if (position === content.length) {
        fdatasync(fd, finish);
        return;
      }
      write(fd, content, position, content.length - position, position, (error, written) => {
        if (error !== null) finish(error);
        else if (written === 0) finish(new DiskError("replace", path, "EIO"));
        else writeOn(position + written);
      });
    };
    writeOn(0);
  });
}
