// A broker process for tests, and a client with real sockets that speaks through the generated codecs.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ApiKey,
  apiCodecs,
  decodeResponseHeader,
  encodeRequestHeader,
  makeRequestHeader,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";

const startMsMax = 20_000;

/** A running broker. */
export class BrokerProcess {
  readonly directory: string;
  port = 0;
  log = "";
  /** Every process so far; the last one may run. */
  readonly #children: ChildProcess[] = [];
  readonly #settings: readonly string[];

  constructor(settings: readonly string[] = []) {
    this.directory = mkdtempSync(join(tmpdir(), "ottla-broker-"));
    this.#settings = settings;
  }

  static async start(settings: readonly string[] = []): Promise<BrokerProcess> {
    const broker = new BrokerProcess(settings);
    await broker.start();
    return broker;
  }

  /** Starts on what the directory holds. */
  start(): Promise<void> {
    const script = join(import.meta.dirname, "run-broker.ts");
    const child = spawn(
      process.execPath,
      ["--conditions=@ottla/source", script, this.directory, ...this.#settings],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#children.push(child);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
    });
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${why}\n${this.log}`));
      const timer = setTimeout(() => fail("the broker is not ready in time"), startMsMax);
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const ready = /ready (\d+)/.exec(text);
        if (ready === null) return;
        clearTimeout(timer);
        this.port = Number(ready[1]);
        resolve();
      });
      child.once("exit", (code) => fail(`the broker ended with ${code}`));
    });
  }

  /** Resolves with the exit code. */
  stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    const child = this.#children.at(-1);
    if (child === undefined || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => {
      child.once("exit", (code) => resolve(code));
      child.kill(signal);
    });
  }

  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  get isAlive(): boolean {
    return this.#children.at(-1)?.exitCode === null;
  }

  residentBytes(): number {
    const text = execFileSync("ps", ["-o", "rss=", "-p", String(this.#children.at(-1)?.pid)], {
      encoding: "utf8",
    });
    return Number(text.trim()) * 1024;
  }
}

/** A socket that counts what it gets. */
export class WireClient {
  readonly socket: Socket;
  isClosed = false;
  #received: Buffer = Buffer.alloc(0);
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake?.();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  static connect(port: number): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(new WireClient(socket)));
      socket.once("error", reject);
    });
  }

  /** Resolves when the broker closed the connection. */
  async closed(): Promise<void> {
    while (!this.isClosed) await this.#more();
  }

  /** The next reply frame without its length; null when the connection closed instead. */
  async receive(): Promise<Uint8Array | null> {
    for (;;) {
      const { length } = this.#received;
      const bytes = length >= 4 ? this.#received.readInt32BE(0) : Number.POSITIVE_INFINITY;
      if (length >= bytes + 4) {
        const frame = this.#received.subarray(4, bytes + 4);
        this.#received = this.#received.subarray(bytes + 4);
        return frame;
      }
      if (this.isClosed) return null;
      await this.#more();
    }
  }

  async ask<Key extends ApiKey>(
    key: Key,
    version: number,
    fields: Parameters<(typeof apiCodecs)[Key]["makeRequest"]>[0],
  ): Promise<ReturnType<(typeof apiCodecs)[Key]["decodeResponse"]>> {
    this.socket.write(requestFrame(key, version, fields));
    const frame = await this.receive();
    if (frame === null) throw new Error("the broker closed the connection");
    const reader = new Reader(frame);
    decodeResponseHeader(reader, responseHeaderVersion(key, version));
    return apiCodecs[key].decodeResponse(reader, version) as ReturnType<
      (typeof apiCodecs)[Key]["decodeResponse"]
    >;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A whole request frame. */
export function requestFrame(key: ApiKey, version: number, fields: unknown): Uint8Array {
  // The type of the table's entries is a union; each codec only sees its own messages.
  const codec = apiCodecs[key] as unknown as {
    makeRequest(fields: unknown): unknown;
    encodeRequest(writer: Writer, message: unknown, version: number): void;
  };
  const writer = new Writer();
  writer.int32(0);
  const header = { requestApiKey: key, requestApiVersion: version, correlationId: 7, clientId: "test" };
  encodeRequestHeader(writer, makeRequestHeader(header), requestHeaderVersion(key, version));
  codec.encodeRequest(writer, codec.makeRequest(fields), version);
  const bytes = writer.toBytes();
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4);
  return bytes;
}
