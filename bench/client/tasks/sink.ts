// Fetches with frames made in advance and throws the answers away as they come in: of an answer it looks at
// the length alone. It works on topics whose batches all have one size.
import { connect } from "node:net";
import { FetchCursor } from "../fetch-cursor.ts";
import { plainBatch } from "../produce-frame.ts";

/** One run of it. */
export interface SinkOrder {
  readonly port: number;
  readonly topic: string;
  /** Of every batch. */
  readonly recordsPerBatch: number;
  readonly valueBytes: number;
  /** By partition: each is read from there to there, by a connection of its own. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Begins again at the end until then; default: once. */
  readonly seconds?: number;
}

/** What came of it; bytes are those of batches. */
export interface SinkResult {
  readonly bytes: number;
  readonly seconds: number;
}

const answerBytes = 1 << 20;
const buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Resolves when all connections are at their ends. */
export async function sink(order: SinkOrder): Promise<SinkResult> {
  const { topic, recordsPerBatch, valueBytes, seconds = 0 } = order;
  const batchBytes = plainBatch({ records: recordsPerBatch, valueBytes }).length;
  const batches = Math.max(1, Math.floor(answerBytes / batchBytes));
  const plans = order.from.map((from, partition) => {
    const frames: Frame[] = [];
    const end = order.to[partition] ?? 0;
    for (let offset = from; offset < end; ) {
      const asked = Math.min(batches, Math.round((end - offset) / recordsPerBatch));
      const bytesMax = asked * batchBytes;
      const wish = { topic, partitions: [partition], bytesMax, minBytes: 1, maxWaitMs: 0 };
      frames.push({ frame: new FetchCursor(wish, [offset]).frame, bytes: bytesMax });
      offset += asked * recordsPerBatch;
    }
    return frames;
  });
  const fromMs = performance.now();
  const untilMs = fromMs + seconds * 1000;
  const bytes = await Promise.all(plans.map((frames) => readInto(order.port, frames, untilMs)));
  return { bytes: bytes.reduce((sum, each) => sum + each, 0), seconds: (performance.now() - fromMs) / 1000 };
}

/** A request, and the bytes of the batches that it asks for. */
interface Frame {
  readonly frame: Buffer;
  readonly bytes: number;
}

/** What an answer holds beside its batches, at most. */
const aroundMax = 300;

async function readInto(port: number, frames: readonly Frame[], untilMs: number): Promise<number> {
  if (frames.length === 0) return 0;
  return await new Promise((done, failed) => {
    let turn = 0;
    let bytes = 0;
    let missing = 0;
    let lengthBytes = 0;
    let length = 0;
    const ended = (answer: number): boolean => {
      const wanted = frames[turn % frames.length]?.bytes ?? 0;
      if (answer < wanted || answer > wanted + aroundMax) {
        socket.destroy();
        failed(new Error(`an answer of ${answer} bytes to a request for ${wanted}`));
        return true;
      }
      bytes += wanted;
      turn++;
      if (turn % frames.length === 0 && performance.now() >= untilMs) {
        socket.destroy();
        done(bytes);
        return true;
      }
      socket.write(frames[turn % frames.length]?.frame ?? "");
      return false;
    };
    const take = (count: number): boolean => {
      for (let at = 0; at < count; ) {
        if (lengthBytes < 4) {
          length = (length << 8) | (buffer[at++] as number);
          if (++lengthBytes === 4) missing = length;
          continue;
        }
        const taken = Math.min(missing, count - at);
        missing -= taken;
        at += taken;
        if (missing > 0) continue;
        lengthBytes = 0;
        const answer = length;
        length = 0;
        if (ended(answer)) return false;
      }
      return true;
    };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer, callback: take } });
    socket.once("error", failed);
    socket.once("connect", () => socket.write(frames[0]?.frame ?? ""));
  });
}
