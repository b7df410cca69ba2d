// kill -9 under load: Apache Kafka's verifiable producer (idempotent, acks=all) writes while the broker is
// killed and started again, several times. Afterwards every acknowledged record is there, once, at its offset
// and in order.
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBrokerUnderTest } from "../broker-under-test.ts";
import type { Step } from "../run.ts";

const apacheKafka = join(import.meta.dirname, "..", "suites", "apache-kafka.sh");
const kills = 5;
const records = 60_000;
const recordsPerSecond = 6000;

interface Acknowledged {
  readonly value: string;
  readonly offset: number;
}

function parseAck(line: string): Acknowledged | null {
  if (!line.includes('"producer_send_success"')) return null;
  const { value, offset } = JSON.parse(line) as Acknowledged;
  return { value, offset };
}

/** Compares what was acknowledged with what a consumer reads; the first difference is thrown. */
function compare(acknowledged: readonly Acknowledged[], bootstrap: string): void {
  const consume = spawnSync(
    "kcat",
    ["-b", bootstrap, "-C", "-q", "-e", "-t", "crashed", "-p", "0", "-X", "check.crcs=true", "-f", "%o %s\n"],
    { encoding: "utf8", maxBuffer: 256 << 20 },
  );
  const lines = consume.stdout.trimEnd().split("\n");
  const read = new Map<number, string>();
  const values = new Set<string>();
  let last = -1;
  for (const line of lines) {
    const [offset = "", value = ""] = line.split(" ");
    if (values.has(value)) throw new Error(`${value} is there twice, again at offset ${offset}`);
    if (Number(value) <= last) throw new Error(`${value} at offset ${offset} stands behind ${last}`);
    last = Number(value);
    values.add(value);
    read.set(Number(offset), value);
  }
  for (const { value, offset } of acknowledged) {
    if (read.get(offset) !== value) {
      throw new Error(`acknowledged ${value} at ${offset}, read ${read.get(offset)}: ${consume.stderr}`);
    }
  }
}

/** Produce, kill -9 in the middle, start, consume. */
export const crashStep: Step = {
  name: "crash",
  needs: ["kcat", "java", "mvn"],
  async run() {
    const broker = await startBrokerUnderTest(["num.partitions=1"]);
    try {
      const options = ["--max-messages", String(records), "--throughput", String(recordsPerSecond)];
      // The tool's own default is no retry; a user's producer retries, and idempotence keeps that from
      // doubling.
      const config = join(broker.directory, "producer.properties");
      writeFileSync(config, "retries=2147483647\nenable.idempotence=true\nacks=all\n");
      const producer = spawn(
        apacheKafka,
        [
          "tool",
          "VerifiableProducer",
          "--bootstrap-server",
          broker.bootstrap,
          "--topic",
          "crashed",
          "--command-config",
          config,
          ...options,
        ],
        { stdio: ["ignore", "pipe", "pipe"] },
      );
      let output = "";
      producer.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      const ended = new Promise<number | null>((done) => producer.once("exit", (code) => done(code)));
      while (!output.includes("producer_send_success")) await sleep(50);
      for (let kill = 0; kill < kills; kill++) {
        await sleep(1200 + 300 * kill);
        await broker.kill();
        await broker.start();
      }
      const code = await ended;
      const acknowledged = output.split("\n").flatMap((line) => parseAck(line) ?? []);
      if (code !== 0) throw new Error(`the producer ended with ${code}: ${output.slice(-1000)}`);
      compare(acknowledged, broker.bootstrap);
      if (acknowledged.length < records) {
        const refused = output.split("\n").find((line) => line.includes("producer_send_error"));
        throw new Error(`${acknowledged.length} of ${records} acknowledged, the first refused: ${refused}`);
      }
      return `${kills} kills, ${acknowledged.length} acknowledged records there, once, in order`;
    } finally {
      await broker.dispose();
    }
  },
};
