// One client connection: frames in, replies out, in order. One request is under way at a time, except that a
// Produce starts once the Produce before it has appended. What arrives behind a request that may not start
// yet waits in a bounded backlog, then reading stops; a peer that does not read its replies stops it too.
// Requests that waited start at the end of a turn or in `onBytes`, never inside somebody's reply. Not here:
// what a frame means (dispatch/), who may connect (acceptor.ts).
//
//   bytes -> FrameSplitter -> held frame (one) -> ReplySlot ... ReplySlot -> one gathered write per turn
//              ^ backlog (raw bytes)
import type { Connection, ConnectionEvents } from "@ottla/ports";
import { connectionLimits } from "../limits.ts";
import type { ConnectionServices, ConnectionState } from "./connection-services.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { mergeParts } from "./merge-parts.ts";
import type { OutputHolder } from "./output-memory.ts";
import { ReplySlot } from "./reply-slot.ts";

const produceApiKey = 0;

/** Bytes that arrived and wait. */
interface KeptBytes {
  readonly view: Uint8Array;
  readonly buffer: Uint8Array;
}

/** A connection accepted from a client, or from another broker. */
export class ClientConnection implements ConnectionEvents, OutputHolder {
  readonly transport: Connection;
  readonly listenerName: string;
  /** Who the peer is and whether it proved it; dispatch looks at it before anything else. */
  readonly state: ConnectionState;
  /** It has asked for a flush at the end of this turn. For its acceptor. */
  isToFlush = false;
  readonly #services: ConnectionServices;
  readonly #splitter: FrameSplitter;
  #slots: ReplySlot[] = [];
  /** Slots without an answer. */
  #openSlots = 0;
  #hasClosingSlot = false;
  #inFlightBytes = 0;
  #outputBytes = 0;
  #held: KeptBytes | null = null;
  #backlog: KeptBytes[] = [];
  #backlogBytes = 0;
  #isPaused = false;
  #isWaitingForMemory = false;
  #isReading = false;
  #isFlushing = false;
  /** No further request starts. */
  #isClosing = false;
  /** Our side of the stream has ended; the peer gets a moment to end its own. */
  #isEnded = false;
  #isClosed = false;
  #activeMs: number;
  /** When the frame under way began; NaN between frames. */
  #frameStartedMs = Number.NaN;

  constructor(
    transport: Connection,
    listenerName: string,
    state: ConnectionState,
    services: ConnectionServices,
  ) {
    this.transport = transport;
    this.listenerName = listenerName;
    this.state = state;
    this.#services = services;
    this.#splitter = new FrameSplitter(services.memory, services.frameBytesMax);
    this.#activeMs = services.nowMs();
  }

  get remoteAddress(): string {
    return this.transport.remoteAddress;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  onBytes(view: Uint8Array): void {
    if (this.#isClosing) return;
    this.#activeMs = this.#services.nowMs();
    if (this.#isBlocked) this.#keepBacklog(view);
    else this.#read(view);
    this.#settle();
  }

  nextBuffer(): Uint8Array | null {
    return this.#isBlocked ? null : this.#splitter.nextBuffer();
  }

  onClose(_error: Error | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isClosing = true;
    this.#dropInput();
    for (const slot of this.#slots) slot.abandon();
    this.#slots.length = 0;
    this.#services.output.leave(this);
    this.#services.closed(this);
  }

  slotAnswered(slot: ReplySlot): void {
    this.#openSlots--;
    this.#outputBytes += slot.bytes;
    if (slot.bytes > 0) this.#services.output.take(this, slot.bytes, slot.isLent, this.#services.nowMs());
    this.#services.requestFlush(this);
  }

  slotAppended(): void {
    // Inside `start` the read loop goes on by itself; a later turn has to be told.
    if (this.#held !== null) this.#services.requestFlush(this);
  }

  slotCloses(): void {
    this.#hasClosingSlot = true;
    this.#services.requestFlush(this);
  }

  /** End of the turn: sends what was answered, then starts what may start now. */
  flush(): void {
    if (this.#isClosed) return;
    this.#isFlushing = true;
    this.#sendAnswers();
    this.#isFlushing = false;
    this.#advance();
  }

  memoryFreed(): void {
    this.#isWaitingForMemory = false;
    if (!this.#isClosed) this.#services.requestFlush(this);
  }

  /** Closes when idle for too long or when a frame takes too long to arrive. */
  sweep(nowMs: number): void {
    if (this.#isClosed) return;
    const { idleMs, frameReceiveMs } = this.#services;
    if (this.#isEnded && nowMs - this.#activeMs > connectionLimits.lingerMs) {
      this.destroy();
      return;
    }
    if (nowMs - this.#frameStartedMs > frameReceiveMs) {
      this.#services.complain(this.remoteAddress, "closing a connection: a frame took too long to arrive", {
        frameReceiveMs,
      });
      this.#services.metrics.slowFrames.add(1);
      this.destroy();
    } else if (nowMs - this.#activeMs > idleMs && (this.#slots.length === 0 || this.#outputBytes > 0)) {
      this.#services.metrics.idleClosed.add(1);
      this.destroy();
    }
  }

  /** Starts nothing more, and ends once what is under way was answered. */
  drain(): void {
    this.#isClosing = true;
    this.#dropInput();
    if (this.#isClosed) return;
    if (this.#slots.length === 0) this.#end();
    else this.#settle();
  }

  destroy(): void {
    this.#isClosing = true;
    if (!this.#isClosed) this.transport.destroy();
  }

  dropForMemory(): void {
    this.#services.metrics.outputDropped.add(1);
    this.#services.complain(this.remoteAddress, "closing a connection: it does not take its replies", {
      outputBytes: this.#outputBytes,
    });
    this.destroy();
  }

  /** True when the request that arrived next may not start yet. */
  get #isBlocked(): boolean {
    return this.#held !== null || this.#backlogBytes > 0;
  }

  #mayStart(isProduce: boolean): boolean {
    if (this.#isClosing || this.#hasClosingSlot) return false;
    if (this.#isOutputFull) return false;
    if (this.#openSlots === 0) return true;
    if (!isProduce) return false;
    // Whatever is open before the last slot is a Produce that appended: else the last one had not started.
    const last = this.#slots.at(-1);
    if (last !== undefined && !last.isAnswered && !last.hasAppended) return false;
    return (
      this.#openSlots < connectionLimits.producesInFlightMax &&
      this.#inFlightBytes <= connectionLimits.producesInFlightBytesMax
    );
  }

  /** What waits to be sent stops the next request, sooner while memory for replies is short. */
  get #isOutputFull(): boolean {
    if (this.#outputBytes > connectionLimits.outputBytesMax) return true;
    return this.#outputBytes > 0 && this.#services.output.isExceeded;
  }

  #read(view: Uint8Array): void {
    const splitter = this.#splitter;
    let at = 0;
    this.#isReading = true;
    while (at < view.length) {
      at = splitter.take(view, at);
      if (splitter.refusedLength !== null) {
        this.#refuse(splitter.refusedLength);
        break;
      }
      const frame = splitter.frame;
      if (frame === null) continue;
      if (this.#mayStart(isProduceFrame(frame))) {
        const slot = this.#start(frame, splitter.isFrameGathered);
        // Without a frame it was given back when the connection closed.
        if (slot.keepsFrame && splitter.frame !== null) this.#handOver(splitter.keepFrame().buffer, slot);
        else splitter.releaseFrame();
        if (this.#isClosing) break;
      } else {
        const kept = splitter.keepFrame();
        this.#held = { view: kept.frame, buffer: kept.buffer };
        if (at < view.length) this.#keepBacklog(view.subarray(at));
        break;
      }
    }
    this.#isReading = false;
  }

  #start(frame: Uint8Array, isOwn: boolean): ReplySlot {
    const slot = new ReplySlot(this, { isProduce: isProduceFrame(frame), bytes: frame.length, isOwn });
    this.#slots.push(slot);
    this.#openSlots++;
    this.#inFlightBytes += frame.length;
    this.#services.metrics.bytesIn.add(frame.length + 4);
    this.#services.start(this, slot, frame);
    return slot;
  }

  /** The memory of a frame goes back when its request no longer needs it. */
  #handOver(buffer: Uint8Array, slot: ReplySlot): void {
    const { memory } = this.#services;
    slot.ownFrame(() => memory.give(buffer));
  }

  #refuse(length: number): void {
    const { frameBytesMax } = this.#splitter;
    this.#services.metrics.refusedFrames.add(1);
    this.#services.complain(this.remoteAddress, "closing a connection: bad frame length", {
      length,
      frameBytesMax,
    });
    this.destroy();
  }

  #keepBacklog(view: Uint8Array): void {
    const { memory } = this.#services;
    // The one that may read over the budget may hold a request that is larger than all of it: dropped for
    // what comes behind, it would be dropped at each try.
    if (memory.isExhausted && !memory.mayRead(this)) {
      this.#services.complain(this.remoteAddress, "closing a connection: no memory for waiting requests", {
        usedBytes: memory.usedBytes,
      });
      this.destroy();
      return;
    }
    const buffer = memory.take(view.length);
    buffer.set(view);
    this.#backlog.push({ view: buffer.subarray(0, view.length), buffer });
    this.#backlogBytes += view.length;
  }

  /** Starts what waited, as far as it may. */
  #advance(): void {
    if (this.#isReading || this.#isFlushing || this.#isClosed) return;
    while (this.#held !== null && this.#mayStart(isProduceFrame(this.#held.view))) {
      const held = this.#held;
      this.#held = null;
      this.#handOver(held.buffer, this.#start(held.view, true));
      this.#readBacklog();
    }
    this.#settle();
  }

  #readBacklog(): void {
    const backlog = this.#backlog;
    this.#backlog = [];
    this.#backlogBytes = 0;
    for (const kept of backlog) {
      if (this.#held !== null) {
        this.#backlog.push(kept);
        this.#backlogBytes += kept.view.length;
        continue;
      }
      if (!this.#isClosing) this.#read(kept.view);
      this.#services.memory.give(kept.buffer);
    }
  }

  /** After any change: is reading on, and does the clock of a frame run? */
  #settle(): void {
    if (this.#isClosed) return;
    const isMidFrame = this.#splitter.isMidFrame && !this.#isBlocked;
    if (!isMidFrame) this.#frameStartedMs = Number.NaN;
    else if (Number.isNaN(this.#frameStartedMs)) this.#frameStartedMs = this.#services.nowMs();
    const holdsMemory = this.#splitter.holdsMemory || this.#isBlocked;
    if (!holdsMemory) this.#services.memory.leave(this);
    else if (!this.#isWaitingForMemory) this.#isWaitingForMemory = !this.#services.memory.mayRead(this);
    const isCrowded =
      this.#isWaitingForMemory ||
      this.#backlogBytes > connectionLimits.backlogBytesMax ||
      (this.#held !== null && this.#isOutputFull);
    const shouldPause = this.#isClosing ? !this.#isEnded : isCrowded;
    if (shouldPause === this.#isPaused) return;
    this.#isPaused = shouldPause;
    if (shouldPause) this.transport.pause();
    else this.transport.resume();
  }

  #sendAnswers(): void {
    const done = this.#takeAnswered();
    const last = done.at(-1);
    if (last === undefined) return;
    let bytes = 0;
    for (const slot of done) {
      bytes += slot.bytes;
      this.#inFlightBytes -= slot.frameBytes;
    }
    if (bytes === 0) for (const slot of done) slot.finish();
    else {
      this.#services.metrics.bytesOut.add(bytes);
      this.transport.send(partsOf(done), (isSent) => this.#answersLeft(done, bytes, isSent));
    }
    if (last.closeReason !== null || (this.#isClosing && this.#slots.length === 0)) this.#endAfterAnswers();
  }

  /** The answered slots at the head of the order, up to one that closes. */
  #takeAnswered(): ReplySlot[] {
    const slots = this.#slots;
    let count = 0;
    while (count < slots.length && slots[count]?.isAnswered === true) {
      count++;
      if (slots[count - 1]?.closeReason !== null) break;
    }
    if (count < slots.length) return slots.splice(0, count);
    this.#slots = [];
    return slots;
  }

  #answersLeft(done: readonly ReplySlot[], bytes: number, isSent: boolean): void {
    this.#outputBytes -= bytes;
    const nowMs = this.#services.nowMs();
    if (isSent) this.#activeMs = nowMs;
    for (const slot of done) {
      if (slot.bytes > 0) this.#services.output.give(this, slot.bytes, slot.isLent, nowMs);
      slot.finish();
    }
    if (!this.#isClosed && this.#isBlocked) this.#services.requestFlush(this);
  }

  #endAfterAnswers(): void {
    this.#isClosing = true;
    this.#dropInput();
    this.#end();
  }

  #end(): void {
    this.#isEnded = true;
    this.#activeMs = this.#services.nowMs();
    this.transport.end();
    // What still comes is thrown away; the peer's own end is to be noticed.
    this.#settle();
  }

  #dropInput(): void {
    const { memory } = this.#services;
    this.#splitter.release();
    if (this.#held !== null) memory.give(this.#held.buffer);
    this.#held = null;
    for (const kept of this.#backlog) memory.give(kept.buffer);
    this.#backlog = [];
    this.#backlogBytes = 0;
    memory.leave(this);
  }
}

/** What is sent of them, in few parts. */
function partsOf(slots: readonly ReplySlot[]): readonly Uint8Array[] {
  const [only] = slots;
  if (slots.length === 1 && only !== undefined) return mergeParts(only.parts);
  return mergeParts(slots.flatMap(({ parts }) => parts));
}

function isProduceFrame(frame: Uint8Array): boolean {
  return frame[0] === 0 && frame[1] === produceApiKey;
}
