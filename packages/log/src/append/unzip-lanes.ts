// How many compressed bodies are open at a time, by the memory that takes: some ordinary ones, one that is
// huge. A body holds its place until it was judged, so that memory is bounded however many producers send
// bombs. First come, first served within a lane.
import { UNZIP_NARROW_IN_FLIGHT_MAX, UNZIP_WIDE_IN_FLIGHT_MAX } from "../limits.ts";

/** `narrow`: at most about `UNZIP_NARROW_BYTES_MAX`; `wide`: up to what a batch may hold at all. */
export type UnzipWidth = "narrow" | "wide";

/** Work that calls `leave` once when its memory is given back. */
export type UnzipWork = (leave: () => void) => void;

class Lane {
  readonly #inFlightMax: number;
  #inFlight = 0;
  readonly #waiting: UnzipWork[] = [];

  constructor(inFlightMax: number) {
    this.#inFlightMax = inFlightMax;
  }

  enter(work: UnzipWork): void {
    if (this.#inFlight >= this.#inFlightMax) this.#waiting.push(work);
    else this.#start(work);
  }

  #start(work: UnzipWork): void {
    this.#inFlight += 1;
    work(() => {
      this.#inFlight -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#start(next);
    });
  }
}

/** The lanes of one broker. What waits is bounded by the requests that may be under way. */
export class UnzipLanes {
  readonly #lanes: Readonly<Record<UnzipWidth, Lane>> = {
    narrow: new Lane(UNZIP_NARROW_IN_FLIGHT_MAX),
    wide: new Lane(UNZIP_WIDE_IN_FLIGHT_MAX),
  };

  /** Runs `work` now or when there is a place. */
  enter(width: UnzipWidth, work: UnzipWork): void {
    this.#lanes[width].enter(work);
  }
}
