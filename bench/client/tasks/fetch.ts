// Reads a topic from its beginning to its end, a connection for each partition, and looks at no record.
import { FetchCursor } from "../fetch-cursor.ts";
import { RawConnection } from "../raw-connection.ts";

/** One run of it. */
export interface FetchOrder {
  readonly port: number;
  readonly topic: string;
  readonly partitions: number;
  /** Begins again at the end until then; default: once. */
  readonly seconds?: number;
}

/** What came of it; bytes are those of batches. */
export interface FetchResult {
  readonly bytes: number;
  readonly seconds: number;
}

const bytesMax = 1 << 20;

/** Resolves when every partition answered with nothing. */
export async function fetchAll({ port, topic, partitions, seconds = 0 }: FetchOrder): Promise<FetchResult> {
  let bytes = 0;
  const fromMs = performance.now();
  const untilMs = fromMs + seconds * 1000;
  const readPartition = async (partition: number): Promise<void> => {
    const connection = await RawConnection.open(port);
    const wish = { topic, partitions: [partition], bytesMax, minBytes: 1, maxWaitMs: 0 };
    let cursor = new FetchCursor(wish);
    await new Promise<void>((done, failed) => {
      connection.onClosed = () => failed(new Error("the broker closed a connection"));
      const next = (): void =>
        connection.sendFrame(cursor.frame, (answer) => {
          try {
            const taken = cursor.take(answer);
            bytes += taken;
            if (taken > 0) return next();
            if (performance.now() >= untilMs) return done();
            cursor = new FetchCursor(wish);
            next();
          } catch (error) {
            failed(error);
          }
        });
      next();
    });
    connection.close();
  };
  await Promise.all(Array.from({ length: partitions }, (_, partition) => readPartition(partition)));
  return { bytes, seconds: (performance.now() - fromMs) / 1000 };
}
