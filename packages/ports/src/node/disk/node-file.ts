// One open file. Blocking calls go straight to the system; `sync` and `readLater` run on libuv's pool. The
// descriptor is closed only when the last pool operation returned: the system gives its number to the next
// open file, and a late operation would hit that one.
import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, read, readSync } from "node:fs";
import { type DiskDone, DiskError, type DiskFile } from "../../disk.ts";
import { attempt, toDiskError } from "./disk-error.ts";
import { writeParts } from "./write-parts.ts";

/** A file of the system. */
export class NodeFile implements DiskFile {
  readonly path: string;
  readonly #fd: number;
  #pending = 0;
  #isClosed = false;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  size(): number {
    return this.#attempt("size", () => fstatSync(this.#fd).size);
  }

  write(parts: readonly Uint8Array[], position: number): void {
    this.#attempt("write", () => writeParts(this.#fd, this.path, parts, position));
  }

  read(target: Uint8Array, position: number): number {
    return this.#attempt("read", () => {
      let done = 0;
      while (done < target.length) {
        const bytesRead = readSync(this.#fd, target, done, target.length - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    });
  }

  readLater(
    target: Uint8Array,
    position: number,
    done: (error: DiskError | null, bytesRead: number) => void,
  ): void {
    if (this.#isClosed) {
      setImmediate(() => done(this.#closedError("read"), 0));
      return;
    }
    this.#pending++;
    this.#readOn(target, position, 0, (error, bytesRead) => {
      this.#completed();
      done(error, bytesRead);
    });
  }

  sync(done: DiskDone): void {
    if (this.#isClosed) {
      setImmediate(() => done(this.#closedError("sync")));
      return;
    }
    this.#pending++;
    fdatasync(this.#fd, (error) => {
      this.#completed();
      done(error === null ? null : toDiskError("sync", this.path, error));
    });
  }

  syncNow(): void {
    this.#attempt("sync", () => fdatasyncSync(this.#fd));
  }

  truncate(bytes: number): void {
    this.#attempt("truncate", () => ftruncateSync(this.#fd, bytes));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pending === 0) this.#release();
  }

  #readOn(
    target: Uint8Array,
    position: number,
    done: number,
    completed: (error: DiskError | null, bytesRead: number) => void,
  ): void {
    read(this.#fd, target, done, target.length - done, position + done, (error, bytesRead) => {
      if (error !== null) {
        completed(toDiskError("read", this.path, error), 0);
        return;
      }
      const total = done + bytesRead;
      if (bytesRead === 0 || total === target.length) completed(null, total);
      else this.#readOn(target, position, total, completed);
    });
  }

  #completed(): void {
    this.#pending--;
    if (this.#isClosed && this.#pending === 0) this.#release();
  }

  #release(): void {
    attempt("close", this.path, () => closeSync(this.#fd));
  }

  #attempt<Result>(operation: string, call: () => Result): Result {
    if (this.#isClosed) throw this.#closedError(operation);
    return attempt(operation, this.path, call);
  }

  #closedError(operation: string): DiskError {
    return new DiskError(operation, this.path, "EBADF");
  }
}
