// How fast replicas are copied between log directories, over all of them
// (`replica.alter.log.dirs.io.max.bytes.per.second`). A step is paid for after it was made, by waiting; the
// rate may change meanwhile.
import type { Ports } from "@ottla/ports";
import { MOVE_BURST_MS, MOVE_CHUNK_BYTES, MOVE_RETRY_MS, MOVE_WAIT_MS_MAX } from "../limits.ts";

/** Bounds the bytes per second. */
export class MoveRate {
  readonly #ports: Pick<Ports, "clock" | "timers" | "turn">;
  readonly #bytesPerSecond: () => number;
  #debtBytes = 0;
  #settledMs = 0;

  constructor(ports: Pick<Ports, "clock" | "timers" | "turn">, bytesPerSecond: () => number) {
    this.#ports = ports;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Bytes of the next step: less than usual where the rate is low. */
  get stepBytes(): number {
    return Math.max(1, Math.min(MOVE_CHUNK_BYTES, this.#bytesPerSecond()));
  }

  /** Charges `bytes`; `resume` runs in a later turn, when they are paid. */
  pay(bytes: number, resume: () => void): void {
    const { clock, timers, turn } = this.#ports;
    const rate = this.#bytesPerSecond();
    const nowMs = clock.monotonicMs();
    this.#debtBytes = Math.max(0, this.#debtBytes - ((nowMs - this.#settledMs) * rate) / 1000) + bytes;
    this.#settledMs = nowMs;
    const waitMs = (this.#debtBytes * 1000) / rate;
    if (waitMs <= MOVE_BURST_MS) turn.nextSlice(resume);
    else timers.set(Math.min(Math.ceil(waitMs), MOVE_WAIT_MS_MAX), () => this.pay(0, resume));
  }

  /** `retry` runs when there may be room on the disk again. */
  afterFullDisk(retry: () => void): void {
    this.#ports.timers.set(MOVE_RETRY_MS, retry);
  }
}
