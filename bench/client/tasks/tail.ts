// Consumers at the end of a topic: each waits for what comes next in all partitions, until it is told to end.
import { FetchCursor } from "../fetch-cursor.ts";
import { RawConnection } from "../raw-connection.ts";

/** One run of it. */
export interface TailOrder {
  readonly port: number;
  readonly topic: string;
  readonly partitions: number;
  readonly consumers: number;
  /** Where they begin, by partition. */
  readonly from: readonly number[];
  readonly seconds: number;
}

/** What came of it; bytes are those of batches, of all consumers. */
export interface TailResult {
  readonly bytes: number;
  readonly fetches: number;
  readonly seconds: number;
}

/** Ends with the first answers after `seconds`. */
export async function tail(order: TailOrder): Promise<TailResult> {
  const { topic, seconds } = order;
  const partitions = Array.from({ length: order.partitions }, (_, partition) => partition);
  const wish = { topic, partitions, bytesMax: 1 << 20, minBytes: 1, maxWaitMs: 500 };
  let bytes = 0;
  let fetches = 0;
  const fromMs = performance.now();
  const untilMs = fromMs + seconds * 1000;
  const consume = async (): Promise<void> => {
    const connection = await RawConnection.open(order.port);
    const cursor = new FetchCursor(wish, order.from);
    await new Promise<void>((done, failed) => {
      connection.onClosed = () => failed(new Error("the broker closed a connection"));
      const next = (): void => {
        if (performance.now() >= untilMs) return done();
        connection.sendFrame(cursor.frame, (answer) => {
          try {
            bytes += cursor.take(answer);
            fetches++;
            next();
          } catch (error) {
            failed(error);
          }
        });
      };
      next();
    });
    connection.close();
  };
  await Promise.all(Array.from({ length: order.consumers }, consume));
  return { bytes, fetches, seconds: (performance.now() - fromMs) / 1000 };
}
