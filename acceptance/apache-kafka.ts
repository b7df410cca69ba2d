// Starts and ends Apache Kafka in the background, by the script of its suite, with the properties that Ottla
// is given too. Not here: its tools, brokers under measurement (bench), which are timed from the first
// instruction of their process on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suiteProperties } from "./broker-under-test.ts";
import { outputOf } from "./steps/run-program.ts";

/** The script, for whoever wants its tools. */
export const apacheKafkaScript: string = join(import.meta.dirname, "suites", "apache-kafka.sh");

const startMsMax = 120_000;
const endPollMs = 10;
const endPollsMax = 3000;

/** A running Apache Kafka. */
export interface ApacheKafka {
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>;
}

export interface ApacheKafkaOptions {
  /** Holds its `data`, which is formatted when it is not. */
  readonly directory: string;
  /** The controller listens on the next one. */
  readonly port: number;
  /** Beside those of `suiteProperties`. */
  readonly properties?: readonly string[];
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves once clients can connect. */
export async function startApacheKafka(options: ApacheKafkaOptions): Promise<ApacheKafka> {
  const { directory, port, properties = [], env = {} } = options;
  const lines = [...suiteProperties(port, join(directory, "data")).split("\n"), ...properties];
  const sets = lines.filter((line) => line !== "").flatMap((line) => ["--set", line]);
  const words = ["start", String(port), directory, "--background", "--profile", "bare", ...sets];
  await outputOf(apacheKafkaScript, words, { timeoutMs: startMsMax, env });
  const pid = Number(readFileSync(join(directory, "pid"), "utf8"));
  return {
    async stop() {
      await outputOf(apacheKafkaScript, ["stop", directory], { timeoutMs: startMsMax });
      await gone(pid);
    },
    async kill() {
      process.kill(pid, "SIGKILL");
      await gone(pid);
    },
  };
}

async function gone(pid: number): Promise<void> {
  for (let polls = 0; polls < endPollsMax; polls++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((done) => setTimeout(done, endPollMs));
  }
  throw new Error("Apache Kafka does not end");
}
