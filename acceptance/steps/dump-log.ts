// Apache Kafka's own kafka-dump-log reads what Ottla wrote: every segment and index of a topic with all
// codecs. Ours prints what it prints, line by line: of that topic, of Apache Kafka's golden directory with
// every decoder, and of files with every kind of damage.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBrokerUnderTest } from "../broker-under-test.ts";
import { damagedDumps } from "../dump-log/damaged-files.ts";
import { type Dump, differences } from "../dump-log/dump-both.ts";
import type { Step } from "../run.ts";

const apacheKafka = join(import.meta.dirname, "..", "suites", "apache-kafka.sh");
const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
const linesPerCodec = 200;

/** kafka-dump-log over a directory of ours. */
export const dumpLogStep: Step = {
  name: "dump-log",
  needs: ["kcat", "java", "mvn"],
  async run() {
    const broker = await startBrokerUnderTest([
      "num.partitions=1",
      "log.segment.bytes=1048576",
      "log.index.interval.bytes=1024",
    ]);
    try {
      for (const codec of codecs) {
        const input = Array.from({ length: linesPerCodec }, (_, index) => `${codec}-${index}`).join("\n");
        const produce = spawnSync(
          "kcat",
          ["-b", broker.bootstrap, "-P", "-t", "dumped", "-p", "0", "-z", codec],
          { input },
        );
        if (produce.status !== 0) throw new Error(`kcat -z ${codec}: ${produce.stderr.toString()}`);
      }
      await broker.stop();
      const directory = join(broker.dataDirectory, "dumped-0");
      const files = readdirSync(directory).filter((name) => /\.(log|index|timeindex|snapshot)$/.test(name));
      const dump = spawnSync(
        apacheKafka,
        [
          "tool",
          "DumpLogSegments",
          "--deep-iteration",
          "--print-data-log",
          "--files",
          files.map((name) => join(directory, name)).join(","),
        ],
        { encoding: "utf8", maxBuffer: 64 << 20 },
      );
      const payloads = (dump.stdout.match(/ payload: /g) ?? []).length;
      const complaint =
        /(Mismatches|Found timestamp mismatch|Non-consecutive|corrupt|Exception|isvalid: false).*/i.exec(
          dump.stdout + dump.stderr,
        );
      if (dump.status !== 0 || complaint !== null)
        throw new Error(complaint?.[0] ?? dump.stderr.slice(-2000));
      if (payloads !== codecs.length * linesPerCodec)
        throw new Error(`${payloads} payloads, wanted ${codecs.length * linesPerCodec}`);
      const own = files.map((name) => ({ name, words: ["--print-data-log", "--files", name] }));
      const dumps = (await equalDumps(own, directory)) + (await damagedStep());
      return `${files.length} files, ${payloads} records, ${dumps} dumps equal`;
    } finally {
      await broker.dispose();
    }
  },
};

/** Golden and damaged files in a directory of their own. */
async function damagedStep(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "ottla-dump-log-"));
  try {
    return await equalDumps(damagedDumps(directory), directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Answers how many there are; throws with what differs. */
async function equalDumps(dumps: readonly Dump[], directory: string): Promise<number> {
  const found = await differences(dumps, directory);
  if (found.size > 0) {
    const some = [...found].slice(0, 5).map(([name, difference]) => `${name}: ${difference}`);
    throw new Error(`${found.size} of ${dumps.length} dumps differ from Apache Kafka's\n${some.join("\n")}`);
  }
  return dumps.length;
}
