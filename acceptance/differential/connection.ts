// One TCP connection to a peer: bytes go out, and what comes back is one of three things. It judges nothing
// and decodes nothing.
import { connect, type Socket } from "node:net";

/**
 * What a peer does with bytes: a whole frame (without its length), the end of the connection, or nothing in
 * time.
 */
export type Outcome =
  | { readonly kind: "answered"; readonly frame: Buffer }
  | { readonly kind: "closed" }
  | { readonly kind: "silent" };

/** One request at a time; `send` must not be called again before it resolved. */
export class PeerConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    // A reset is an end too: brokers close on bad input while bytes are under way.
    socket.on("error", end);
    socket.on("close", end);
    socket.on("end", end);
  }

  static async open(host: string, port: number): Promise<PeerConnection> {
    return await new Promise((done, failed) => {
      const socket = connect(port, host);
      socket.once("error", failed);
      socket.once("connect", () => done(new PeerConnection(socket)));
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends without waiting for an answer. */
  tell(bytes: Uint8Array): void {
    if (!this.#ended) this.#socket.write(bytes);
  }

  /** Sends, then waits up to `waitMs` for one frame or the end. */
  async send(bytes: Uint8Array, waitMs: number): Promise<Outcome> {
    this.tell(bytes);
    return await this.receive(waitMs);
  }

  /** Waits up to `waitMs` for one frame or the end; of 0, tells what is there already. */
  async receive(waitMs: number): Promise<Outcome> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const frame = this.#takeFrame();
      if (frame !== null) return { kind: "answered", frame };
      if (this.#ended) return { kind: "closed" };
      const left = deadline - Date.now();
      if (left <= 0) return { kind: "silent" };
      await this.#activity(left);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #takeFrame(): Buffer | null {
    if (this.#received.length < 4) return null;
    const end = 4 + this.#received.readInt32BE(0);
    if (this.#received.length < end) return null;
    const frame = Buffer.from(this.#received.subarray(4, end));
    this.#received = this.#received.subarray(end);
    return frame;
  }

  async #activity(waitMs: number): Promise<void> {
    await new Promise<void>((done) => {
      const late = setTimeout(done, waitMs);
      this.#wake = () => {
        clearTimeout(late);
        done();
      };
    });
    this.#wake = () => undefined;
  }
}
