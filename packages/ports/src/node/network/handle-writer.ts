// How parts reach the system without the socket's stream in between: for a small reply the stream's queue,
// request object, callbacks and ticks cost as much as the system call. What the kernel takes at once is done
// at once; the rest waits in libuv's own queue. Not documented by Node: where a handle or the binding is
// missing, `create` and `handleOf` answer null, and the socket's own `write` is the way.
import type net from "node:net";

/** Status of a write: 0, or a negative error number of the system. */
export type Written = (status: number) => void;

/** Node's request object of one write. */
interface WriteRequest {
  oncomplete: ((status: number) => void) | undefined;
  /** Kept alive as long as the kernel has not taken them. */
  parts: readonly Uint8Array[] | undefined;
}

/** Node's handle of a plain socket. */
export interface StreamHandle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, parts: readonly Uint8Array[], areAllBuffers: true): number;
  /** Bytes in libuv's queue. */
  readonly writeQueueSize: number;
}

/** What Node's stream binding has for it. */
interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: Int32Array;
  /** Index of the flag that says whether the last write is still under way. */
  readonly kLastWriteWasAsync: number;
}

/** Writes of all sockets of a network. */
export class HandleWriter {
  readonly #binding: StreamBinding;
  /** A request that completed at once is as new. */
  #spare: WriteRequest;
  /** What completed in this turn, and how; kept from turn to turn. */
  readonly #completed: (Written | null)[] = [];
  readonly #statuses: number[] = [];
  #count = 0;

  private constructor(binding: StreamBinding) {
    this.#binding = binding;
    this.#spare = new binding.WriteWrap();
  }

  /** Null where Node's binding is not as it is known here. */
  static create(): HandleWriter | null {
    const { binding } = process as unknown as { readonly binding?: (name: string) => Partial<StreamBinding> };
    if (binding === undefined || process.versions["bun"] !== undefined) return null;
    try {
      const found = binding.call(process, "stream_wrap");
      const isKnown =
        typeof found.WriteWrap === "function" &&
        typeof found.kLastWriteWasAsync === "number" &&
        found.streamBaseState instanceof Int32Array;
      return isKnown ? new HandleWriter(found as StreamBinding) : null;
    } catch {
      // No such binding: the socket's own way is open.
      return null;
    }
  }

  /** The handle under a plain, connected socket; null when there is none to write to. */
  handleOf(socket: net.Socket): StreamHandle | null {
    const { _handle: handle } = socket as unknown as { readonly _handle?: Partial<StreamHandle> | null };
    const isKnown =
      typeof handle?.writeBuffer === "function" &&
      typeof handle.writev === "function" &&
      typeof handle.writeQueueSize === "number";
    return isKnown ? (handle as StreamHandle) : null;
  }

  /**
   * One gathered write of parts that are not empty; the handle is open. `written` runs once: with the turn's
   * ticks when the kernel took all at once or refused, else in a later turn, also when the handle is closed.
   */
  write(handle: StreamHandle, parts: readonly Uint8Array[], written: Written): void {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = this.#binding;
    const request = this.#spare;
    const [first] = parts;
    const status =
      parts.length === 1 && first !== undefined
        ? handle.writeBuffer(request, first)
        : handle.writev(request, parts, true);
    if (status === 0 && streamBaseState[kLastWriteWasAsync] !== 0) {
      this.#spare = new WriteWrap();
      request.parts = parts;
      request.oncomplete = (outcome) => {
        request.parts = undefined;
        written(outcome);
      };
    } else this.#later(written, status);
  }

  #later(written: Written, status: number): void {
    const index = this.#count++;
    this.#completed[index] = written;
    this.#statuses[index] = status;
    if (index === 0) process.nextTick(this.#run);
  }

  readonly #run = (): void => {
    let index = 0;
    try {
      // One that completes meanwhile is told in the same run.
      while (index < this.#count) {
        const written = this.#completed[index] as Written;
        const status = this.#statuses[index] as number;
        this.#completed[index++] = null;
        written(status);
      }
      this.#count = 0;
    } catch (error) {
      // A throw ends the process unless its owner decided otherwise; then what stood behind it still runs.
      const behind = this.#completed.slice(index, this.#count) as Written[];
      const statuses = this.#statuses.slice(index, this.#count);
      this.#count = 0;
      for (const [at, written] of behind.entries()) this.#later(written, statuses[at] as number);
      throw error;
    }
  };
}
