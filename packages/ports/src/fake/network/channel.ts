// One direction of a simulated connection. A `send` waits in the outbox until the sender's kernel takes its
// bytes (then `sent` runs), then they are in flight until the receiver reads them, cut at drawn boundaries.
// Order is kept within a channel and only there. The fate of the stream's end (orderly or reset) travels in
// the same queue.
import type { FakeEvent } from "../event-queue.ts";
import type { FakeLife } from "../fake-life.ts";
import { FLIGHT_BYTES_MAX } from "../limits.ts";

/** The receiving end of a channel. */
export interface ChannelReceiver {
  readonly life: FakeLife;
  /** False while paused or not yet accepted. */
  readonly isReading: boolean;
  readonly isDestroyed: boolean;
  /** Reads some of `bytes` and returns how many, at least one. */
  receive(bytes: Uint8Array): number;
  receiveEnd(): void;
  receiveReset(): void;
  /** Bytes came for an end that is gone. */
  refuseBytes(): void;
}

interface Send {
  readonly parts: readonly Uint8Array[];
  readonly length: number;
  readonly checksum: number;
  readonly sent: (isSent: boolean) => void;
  taken: number;
}

const END = Symbol("end");
const RESET = Symbol("reset");
type Item = Uint8Array | typeof END | typeof RESET;

/** A one-way stream from one life to another end. */
export class Channel {
  readonly #sender: FakeLife;
  readonly #receiver: ChannelReceiver;
  readonly #isBlocked: () => boolean;
  readonly #outbox: Send[] = [];
  #flight: Item[] = [];
  #flightBytes = 0;
  #queuedBytes = 0;
  #isEnding = false;
  #onEnded: (() => void) | null = null;
  #taking: FakeEvent | null = null;
  #delivering: FakeEvent | null = null;

  constructor(sender: FakeLife, receiver: ChannelReceiver, isBlocked: () => boolean) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#isBlocked = isBlocked;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(parts: readonly Uint8Array[], sent: (isSent: boolean) => void): void {
    let length = 0;
    for (const part of parts) length += part.length;
    this.#outbox.push({ parts: [...parts], length, checksum: checksumOf(parts), sent, taken: 0 });
    this.#queuedBytes += length;
    this.#take();
  }

  /** Ends the stream behind what is queued. `ended` runs when the kernel has taken all of it. */
  end(ended: () => void): void {
    this.#isEnding = true;
    this.#onEnded = ended;
    this.#take();
  }

  /**
   * Gives up what is queued and returns its `sent` functions. What is in flight arrives still, or, with
   * `reset`, may not.
   */
  abort(how: "end" | "reset", delayUs: number): ((isSent: boolean) => void)[] {
    const given = this.#outbox.splice(0).map((send) => send.sent);
    this.#queuedBytes = 0;
    this.#onEnded = null;
    if (how === "reset" && this.#sender.world.random.below(2) === 0) {
      this.#flight = [];
      this.#flightBytes = 0;
    }
    this.#flight.push(how === "end" ? END : RESET);
    this.deliver(delayUs);
    return given;
  }

  /** Lets the receiver have what is in flight: called again whenever something may have stopped it. */
  deliver(extraUs: number = 0): void {
    if (this.#delivering !== null || this.#flight.length === 0) return;
    const { life, isReading, isDestroyed } = this.#receiver;
    if (this.#isBlocked()) return;
    const delayUs = extraUs + life.drawUs(life.host.delays.networkUs);
    if (isDestroyed) {
      // Answered by the machine at the other end, whether or not a process still lives there.
      this.#delivering = this.#sender.schedule("net-refuse", delayUs, () => {
        this.#delivering = null;
        this.#refused();
      });
    } else if (isReading || this.#flight[0] === RESET) {
      this.#delivering = life.schedule("net-deliver", delayUs, () => {
        this.#delivering = null;
        this.#arrive();
      });
    }
  }

  /** Answers bytes that found nobody: a reset, which also reaches a receiver that is not reading. */
  refuse(): void {
    this.#flight = [RESET];
    this.#flightBytes = 0;
    this.deliver();
  }

  #take(): void {
    if (this.#taking !== null || this.#flightBytes >= FLIGHT_BYTES_MAX) return;
    if (this.#outbox.length === 0 && !(this.#isEnding && this.#onEnded !== null)) return;
    const delayUs = this.#sender.drawUs(this.#sender.host.delays.networkUs);
    this.#taking = this.#sender.schedule("net-take", delayUs, () => {
      this.#taking = null;
      this.#takeNow();
    });
  }

  #takeNow(): void {
    const send = this.#outbox[0];
    if (send === undefined) {
      const ended = this.#onEnded;
      if (ended === null) return;
      this.#onEnded = null;
      this.#flight.push(END);
      this.deliver();
      ended();
      return;
    }
    if (checksumOf(send.parts) !== send.checksum) {
      throw new Error(`${this.#sender.host.name} changed the parts of a send before they were sent`);
    }
    const bytes = sliceOf(send.parts, send.taken, FLIGHT_BYTES_MAX - this.#flightBytes);
    send.taken += bytes.length;
    this.#queuedBytes -= bytes.length;
    if (bytes.length > 0) {
      this.#flight.push(bytes);
      this.#flightBytes += bytes.length;
      this.deliver();
    }
    if (send.taken === send.length) {
      this.#outbox.shift();
      this.#take();
      send.sent(true);
    } else {
      this.#take();
    }
  }

  #arrive(): void {
    const receiver = this.#receiver;
    const item = this.#flight[0];
    if (item === undefined || this.#isBlocked()) return;
    if (receiver.isDestroyed || (!receiver.isReading && item !== RESET)) {
      this.deliver();
      return;
    }
    if (item === END || item === RESET) {
      this.#flight.shift();
      if (item === END) receiver.receiveEnd();
      else receiver.receiveReset();
      this.deliver();
      return;
    }
    const length = drawChunk(this.#sender.world.random.below(16), item.length, (bound) =>
      this.#sender.world.random.below(bound),
    );
    const read = receiver.receive(item.subarray(0, length));
    // The receiver may have destroyed the connection, and with it what was in flight.
    if (this.#flight[0] === item) {
      if (read === item.length) this.#flight.shift();
      else this.#flight[0] = item.subarray(read);
      this.#flightBytes -= read;
    }
    this.#take();
    this.deliver();
  }

  #refused(): void {
    if (this.#isBlocked()) return;
    const hasBytes = this.#flight.some((item) => item instanceof Uint8Array);
    this.#flight = [];
    this.#flightBytes = 0;
    if (hasBytes) this.#receiver.refuseBytes();
    this.#take();
  }
}

/** How much of `length` bytes arrives together: mostly all, sometimes any part, now and then one byte. */
function drawChunk(drawn: number, length: number, below: (bound: number) => number): number {
  if (drawn === 0) return 1;
  return drawn < 5 ? 1 + below(length) : length;
}

/** Up to `limit` bytes from position `from` of the parts laid end to end, copied. */
function sliceOf(parts: readonly Uint8Array[], from: number, limit: number): Uint8Array {
  let length = -from;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(Math.min(length, limit));
  let skip = from;
  let at = 0;
  for (const part of parts) {
    if (at === bytes.length) break;
    if (skip >= part.length) {
      skip -= part.length;
      continue;
    }
    const piece = part.subarray(skip, skip + bytes.length - at);
    bytes.set(piece, at);
    at += piece.length;
    skip = 0;
  }
  return bytes;
}

function checksumOf(parts: readonly Uint8Array[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ (part[i] as number), 0x01000193);
  }
  return hash;
}
