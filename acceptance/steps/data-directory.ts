// One data directory, two programs: Apache Kafka 4.3.1 and Ottla take turns on it, each started by the other
// and each killed once. Whatever one stored (topics, their ids and settings, records of every codec,
// committed offsets), the other serves and goes on writing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apacheKafkaScript, startApacheKafka } from "../apache-kafka.ts";
import { drawPort, startBrokerIn } from "../broker-under-test.ts";
import type { Step } from "../run.ts";
import { outputOf } from "./run-program.ts";

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
const recordsPerCodec = 50;
const settings = { "segment.bytes": "2097152", "retention.ms": "86400000", "min.insync.replicas": "1" };

/** A running broker on the directory. */
interface Turn {
  readonly name: "Apache Kafka" | "Ottla";
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const commandMsMax = 90_000;

function run(command: string, args: readonly string[], input = ""): Promise<string> {
  return outputOf(command, args, { input, timeoutMs: commandMsMax });
}

function tool(name: string, ...args: string[]): Promise<string> {
  return run(apacheKafkaScript, ["tool", name, ...args]);
}

async function startKafka(directory: string, port: number): Promise<Turn> {
  return { name: "Apache Kafka", ...(await startApacheKafka({ directory, port })) };
}

async function startOttla(directory: string, port: number): Promise<Turn> {
  const broker = await startBrokerIn(directory, port);
  return {
    name: "Ottla",
    async stop() {
      const code = await broker.stop();
      if (code !== 143) throw new Error(`Ottla ended with ${code} after SIGTERM`);
    },
    kill: () => broker.kill(),
  };
}

/** What the directory must hold, whoever wrote it. */
class Expected {
  readonly #bootstrap: string;
  readonly #records = new Map<string, string[]>();
  readonly #topicIds = new Map<string, string>();
  #committed = 0;

  constructor(bootstrap: string) {
    this.#bootstrap = bootstrap;
  }

  /** Creates a topic with settings, then writes records of every codec, and commits a group at their end. */
  async write(topic: string): Promise<void> {
    const config = Object.entries(settings).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    const to = ["--bootstrap-server", this.#bootstrap];
    await tool("TopicCommand", ...to, "--create", "--topic", topic, "--partitions", "1", ...config);
    await this.append(topic);
    this.#topicIds.set(topic, await this.#topicId(topic));
  }

  async append(topic: string): Promise<void> {
    const records = this.#records.get(topic) ?? [];
    for (const codec of codecs) {
      const fresh = Array.from(
        { length: recordsPerCodec },
        (_, index) => `${topic}-${codec}-${records.length + index}`,
      );
      await run(
        "kcat",
        ["-b", this.#bootstrap, "-P", "-t", topic, "-p", "0", "-z", codec, "-X", "acks=all"],
        fresh.join("\n"),
      );
      records.push(...fresh);
    }
    this.#records.set(topic, records);
  }

  /** Reads on in the group from where it stands, to the end of all topics. */
  async commit(): Promise<void> {
    const all = [...this.#records.values()].flat();
    const text = await run("kcat", [
      ...["-b", this.#bootstrap, "-q", "-e", "-G", "both-ways", "-X", "auto.offset.reset=earliest"],
      ...this.#records.keys(),
    ]);
    const read = text.trimEnd().split("\n");
    if (read.length !== all.length - this.#committed) {
      const wanted = all.length - this.#committed;
      throw new Error(`the group read ${read.length} records, wanted ${wanted} from its commits on`);
    }
    this.#committed = all.length;
  }

  async check(): Promise<void> {
    const listing = await tool("TopicCommand", "--bootstrap-server", this.#bootstrap, "--list");
    const listed = listing.trim().split("\n");
    for (const [topic, records] of this.#records) {
      if (!listed.includes(topic)) throw new Error(`${topic} is gone: ${listed.join(", ")}`);
      const id = await this.#topicId(topic);
      if (id !== this.#topicIds.get(topic)) throw new Error(`${topic} has another id: ${id}`);
      const read = await run("kcat", [
        ...["-b", this.#bootstrap, "-C", "-q", "-e", "-t", topic, "-p", "0"],
        ...["-X", "check.crcs=true"],
      ]);
      const lines = read.trimEnd().split("\n");
      const wrong = records.findIndex((record, index) => lines[index] !== record);
      if (wrong >= 0) throw new Error(`${topic} offset ${wrong}: ${lines[wrong]}, wanted ${records[wrong]}`);
      if (lines.length !== records.length) throw new Error(`${topic}: ${lines.length} records`);
    }
    const group = await tool(
      "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
      ...["--bootstrap-server", this.#bootstrap, "--describe", "--group", "both-ways", "--offsets"],
    );
    for (const topic of this.#records.keys()) {
      const row = group.split("\n").find((line) => line.split(/\s+/)[1] === topic);
      const offset = Number(row?.split(/\s+/)[3]);
      if (!(offset > 0)) throw new Error(`no committed offset of ${topic}:\n${group}`);
    }
  }

  async #topicId(topic: string): Promise<string> {
    const text = await tool(
      "TopicCommand",
      "--bootstrap-server",
      this.#bootstrap,
      "--describe",
      "--topic",
      topic,
    );
    for (const [key, value] of Object.entries(settings)) {
      if (!text.includes(`${key}=${value}`)) throw new Error(`${topic} has lost ${key}: ${text}`);
    }
    return /TopicId: (\S+)/.exec(text)?.[1] ?? "";
  }
}

/** `first` formats and begins; every other turn is the other's. Each is stopped once and killed once. */
async function takeTurns(first: "Apache Kafka" | "Ottla"): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "ottla-both-ways-"));
  const port = await drawPort();
  const expected = new Expected(`127.0.0.1:${port}`);
  const starts = first === "Ottla" ? [startOttla, startKafka] : [startKafka, startOttla];
  let turns = 0;
  try {
    for (const end of ["stop", "stop", "kill", "kill"] as const) {
      const start = starts[turns % 2] as typeof startOttla;
      const turn = await start(directory, port);
      try {
        if (turns > 0) await expected.check();
        await expected.write(`turn-${turns}`);
        if (turns > 0) await expected.append("turn-0");
        await expected.commit();
      } catch (error) {
        await turn.kill();
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`turn ${turns}, ${turn.name}: ${reason}`);
      }
      await turn[end]();
      turns++;
    }
    const last = await (starts[turns % 2] as typeof startOttla)(directory, port);
    try {
      await expected.check();
    } finally {
      await last.stop();
    }
    return turns + 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Both ways, beginning with each. */
export const dataDirectoryStep: Step = {
  name: "data-directory",
  needs: ["kcat", "java", "mvn"],
  async run() {
    const turns = (await takeTurns("Apache Kafka")) + (await takeTurns("Ottla"));
    return `${turns} turns on two directories`;
  },
};
