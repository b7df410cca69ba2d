// Apache Kafka's own kafka-dump-log reads what Ottla wrote: every segment and index of a topic with all
// codecs.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startBrokerUnderTest } from "../broker-under-test.ts";
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
      return `${files.length} files, ${payloads} records`;
    } finally {
      await broker.dispose();
    }
  },
};
