// How much the live groups of a coordinator, and their members, hold in memory. Refuses before the process is
// in need.
import { MEMBER_BYTES_MAX } from "../limits.ts";

export class MemberMemory {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= MEMBER_BYTES_MAX;
  }

  /** Adds, or with a negative number gives back. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}
