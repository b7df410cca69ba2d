// The place of one request in the order of its connection's answers. It is answered exactly once, in any
// order among the slots that are open; the ordered writer sends in the order of the slots. When the
// connection is gone the answer goes nowhere, but what it lent is given back all the same. It also says how
// long the frame of its request is needed.

/** What a slot needs of its connection. */
export interface SlotOwner {
  slotAnswered(slot: ReplySlot): void;
  slotAppended(): void;
  /** No request behind this one may start. */
  slotCloses(): void;
}

/** One request under way. */
export class ReplySlot {
  readonly isProduce: boolean;
  readonly frameBytes: number;
  readonly #owner: SlotOwner;
  #hasAppended = false;
  #isAnswered = false;
  #isAbandoned = false;
  #parts: readonly Uint8Array[] = [];
  #bytes = 0;
  #sent: (() => void) | null = null;
  #closeReason: string | null = null;
  #gone: (() => void) | null = null;
  /** The frame lies in memory of its own, which can outlive the call that handles it. */
  readonly #hasOwnFrame: boolean;
  #keepsFrame = false;
  #giveFrame: (() => void) | null = null;

  constructor(
    owner: SlotOwner,
    frame: { readonly isProduce: boolean; readonly bytes: number; readonly isOwn: boolean },
  ) {
    this.#owner = owner;
    this.isProduce = frame.isProduce;
    this.frameBytes = frame.bytes;
    this.#hasOwnFrame = frame.isOwn;
  }

  /** Asks for the frame beyond the call that handles it; false: it is gone then. */
  keepFrame(): boolean {
    this.#keepsFrame ||= this.#hasOwnFrame && !this.#isAnswered;
    return this.#keepsFrame;
  }

  get keepsFrame(): boolean {
    return this.#keepsFrame;
  }

  /** The frame is this slot's now; `give` gives its memory back. */
  ownFrame(give: () => void): void {
    if (this.#keepsFrame) this.#giveFrame = give;
    else give();
  }

  /** The frame is no longer needed; without effect when it was not kept. */
  releaseFrame(): void {
    this.#keepsFrame = false;
    const give = this.#giveFrame;
    this.#giveFrame = null;
    give?.();
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get hasAppended(): boolean {
    return this.#hasAppended;
  }

  /** Bytes of the whole reply frame; 0 when nothing is sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The reply holds what is counted where it comes from, and given back there. */
  get isLent(): boolean {
    return this.#sent !== null;
  }

  get parts(): readonly Uint8Array[] {
    return this.#parts;
  }

  /** Why the connection ends once this slot is reached; null: it goes on. */
  get closeReason(): string | null {
    return this.#closeReason;
  }

  /** `parts` is the whole reply frame, length prefix included; empty sends nothing. `sent` runs once. */
  answer(parts: readonly Uint8Array[], sent: (() => void) | null): void {
    if (this.#isAnswered) throw new Error("a request is answered once");
    this.#isAnswered = true;
    this.#gone = null;
    this.releaseFrame();
    if (this.#isAbandoned) {
      sent?.();
      return;
    }
    this.#parts = parts;
    for (const part of parts) this.#bytes += part.length;
    this.#sent = sent;
    this.#owner.slotAnswered(this);
  }

  /** A Produce stands in the log; the next one may start. */
  markAppended(): void {
    if (!this.isProduce || this.#hasAppended || this.#isAnswered || this.#isAbandoned) return;
    this.#hasAppended = true;
    this.releaseFrame();
    this.#owner.slotAppended();
  }

  /** Ends the connection when this slot is reached. */
  closeWhenReached(reason: string): void {
    if (this.#isAbandoned) return;
    this.#closeReason ??= reason;
    this.#owner.slotCloses();
  }

  /** The reply left or never will. */
  finish(): void {
    const sent = this.#sent;
    this.#sent = null;
    this.#parts = [];
    sent?.();
  }

  /** Runs `gone` once when the connection ends before the answer. */
  whenGone(gone: () => void): void {
    if (this.#isAnswered) return;
    if (this.#isAbandoned) gone();
    else this.#gone = gone;
  }

  /** The connection is gone: an answer to come is dropped. */
  abandon(): void {
    this.#isAbandoned = true;
    const gone = this.#gone;
    this.#gone = null;
    gone?.();
    this.releaseFrame();
    this.finish();
  }
}
