// kafka-replica-verification: reads every replica of topics side by side and tells where they differ, and how
// far the comparison is behind. Runs until it is told to stop.
import { type Admin, type ClusterNode, offsetSpecs } from "@ottla/client";
import { type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { GivenOptions } from "../../options/given-options.ts";
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";
import { optionTool } from "../../options/option-tool.ts";
import { signalExitCodes } from "../../options/process-host.ts";
import { logLine } from "../../options/tool-client.ts";
import type { Tool, ToolHost, ToolSignal } from "../../options/tool-host.ts";
import { checkBootstrapAddress } from "../client-tool/bootstrap-address.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import { javaDateFormat } from "../consumer-perf/java-date-format.ts";
import { RETRY_MS } from "./limits.ts";
import { ReplicaBuffer, type VerifiedPartition } from "./replica-buffer.ts";
import { ReplicaFetcher } from "./replica-fetcher.ts";
import { includedTopics, noSuchTime, replicaVerificationTable } from "./replica-verification-options.ts";

const LOGGER = "org.apache.kafka.tools.ReplicaVerificationTool";
const SPECIAL_TIMES: readonly number[] = [offsetSpecs.latest, offsetSpecs.earliest];
const timeText = javaDateFormat("yyyy-MM-dd HH:mm:ss,SSS");

const tool: Tool = optionTool({
  about: "Validate that all replicas for a set of topics have the same data.",
  table: replicaVerificationTable,
  optionErrors: "trace",
  async run(given, host) {
    given.require("broker-list");
    checkBootstrapAddress(given.value("broker-list"));
    const found = await findReplicas(given, host);
    if (found === null) {
      const text =
        "No topics found. [topics-include] if specified, is either filtering out all topics or there is no topic.";
      logLine(host, "ERROR", text, LOGGER);
      return 1;
    }
    return await new ReplicaVerification(given, host, found).run();
  },
});

/** kafka-replica-verification. */
export const replicaVerificationTool: Tool = (words, host) => {
  const text = "This tool is deprecated and may be removed in a future major release.";
  logLine(host, "WARN", text, LOGGER);
  return tool(words, host);
};

interface FoundReplicas {
  readonly partitions: readonly VerifiedPartition[];
  readonly offsets: ReadonlyMap<string, number>;
  readonly topicIds: ReadonlyMap<string, Uuid>;
  readonly brokers: readonly ClusterNode[];
}

/** Null when there is no such topic. */
async function findReplicas(given: GivenOptions, host: ToolHost): Promise<FoundReplicas | null> {
  const admin = await openAdmin(host, { "bootstrap.servers": given.value("broker-list") ?? "" });
  try {
    const isWanted = includedTopics(given.valueOr("topics-include"));
    const names = javaNameOrder((await admin.listTopics({ includeInternal: true })).map(({ name }) => name));
    const described = await admin.describeTopics({ names });
    const topicIds = new Map<string, Uuid>();
    const partitions: VerifiedPartition[] = [];
    for (const [topic, description] of described) {
      if (description instanceof Error) throw description;
      if (!isWanted(topic)) continue;
      topicIds.set(topic, description.topicId);
      for (const { partition, replicas } of description.partitions) {
        partitions.push({ topic, partition, replicas: replicas.map(({ id }) => id) });
      }
    }
    if (topicIds.size === 0) return null;
    const time = given.number("time") ?? offsetSpecs.latest;
    const offsets = await initialOffsets(admin, partitions, time);
    if (SPECIAL_TIMES.includes(time)) warnOfOffsets(host, offsets.keys());
    return { partitions, offsets, topicIds, brokers: await admin.brokers() };
  } finally {
    await admin.close();
  }
}

/** What Apache Kafka's consumer, which looks the offsets up there, says of each partition. */
function warnOfOffsets(host: ToolHost, names: Iterable<string>): void {
  const who = "[Consumer clientId=consumer-ReplicaVerification-1, groupId=ReplicaVerification]";
  for (const name of names) {
    const text = `${who} Not updating high watermark for partition ${name} as it is no longer assigned`;
    logLine(host, "WARN", text, "org.apache.kafka.clients.consumer.internals.OffsetFetcherUtils");
  }
}

async function initialOffsets(
  admin: Admin,
  partitions: readonly VerifiedPartition[],
  time: number,
): Promise<ReadonlyMap<string, number>> {
  const offsets = new Map<string, number>();
  for (const [{ topic, partition }, result] of await admin.listOffsets(
    new Map(partitions.map((each) => [each, time])),
  )) {
    if (result instanceof Error) throw result;
    if (result.offset < 0 && !SPECIAL_TIMES.includes(time)) throw noSuchTime();
    offsets.set(`${topic}-${partition}`, result.offset);
  }
  return offsets;
}

/** The rounds: all brokers are asked, then the answers compared. */
class ReplicaVerification {
  readonly #host: ToolHost;
  readonly #found: FoundReplicas;
  readonly #buffer: ReplicaBuffer;
  readonly #fetchers: readonly ReplicaFetcher[];
  readonly #bounds: { readonly partitionBytes: number; readonly waitMs: number };
  readonly #reportMs: number;
  #signal: ToolSignal | null = null;
  #reportedMs: number;
  #stop: () => void = () => {};

  constructor(given: GivenOptions, host: ToolHost, found: FoundReplicas) {
    this.#host = host;
    this.#found = found;
    this.#buffer = new ReplicaBuffer(
      found.partitions,
      ({ topic, partition }) => found.offsets.get(`${topic}-${partition}`) ?? 0,
    );
    const ids = new Set(found.partitions.flatMap(({ replicas }) => replicas));
    this.#fetchers = found.brokers
      .filter(({ id }) => ids.has(id))
      .map((broker, index) => new ReplicaFetcher(host, broker, index + 1));
    this.#bounds = {
      partitionBytes: given.number("fetch-size") ?? 0,
      waitMs: given.number("max-wait-ms") ?? 0,
    };
    this.#reportMs = given.number("report-interval-ms") ?? 0;
    this.#reportedMs = host.ports.clock.wallMs();
  }

  async run(): Promise<number> {
    const stopped = new Promise<void>((resolve) => {
      this.#stop = resolve;
    });
    const stopListening = this.#host.onSignal((signal) => {
      this.#signal = signal;
      this.#stop();
    });
    this.#print("verification process is started");
    try {
      while (this.#signal === null) {
        const round = this.#fetchAll();
        // Who presses Ctrl-C does not wait for brokers that do not answer.
        await Promise.race([round, stopped]);
        if (this.#signal !== null) break;
        if (!this.#compare()) return 1;
        await this.#host.drained();
      }
      return signalExitCodes[this.#signal];
    } finally {
      stopListening();
      for (const fetcher of this.#fetchers) fetcher.close();
    }
  }

  async #fetchAll(): Promise<void> {
    const answers = await Promise.all(this.#fetchers.map((fetcher) => this.#fetch(fetcher)));
    if (!answers.includes(false)) return;
    await new Promise<void>((resolve) => this.#host.ports.timers.set(RETRY_MS, resolve));
  }

  /** False when the broker did not answer. */
  async #fetch(fetcher: ReplicaFetcher): Promise<boolean> {
    const { partitions, topicIds } = this.#found;
    const wanted = partitions
      .filter(({ replicas }) => replicas.includes(fetcher.id))
      .map(({ topic, partition }) => ({
        topic,
        topicId: topicIds.get(topic) ?? ZERO_UUID,
        partition,
        offset: this.#buffer.offset(`${topic}-${partition}`),
      }));
    const answer = await fetcher.fetch(wanted, this.#bounds);
    if (answer === null) {
      const none = { highWatermark: -1, records: new Uint8Array(0) };
      for (const { topic, partition } of wanted) {
        this.#buffer.answered(`${topic}-${partition}`, fetcher.id, none);
      }
    } else for (const replica of answer) this.#buffer.answered(replica.name, fetcher.id, replica);
    return answer !== null;
  }

  /** False when the replicas hold different batches. */
  #compare(): boolean {
    const { complaints, isOver, maxLag } = this.#buffer.verify();
    for (const complaint of complaints) this.#print(complaint);
    if (isOver) return false;
    const nowMs = this.#host.ports.clock.wallMs();
    if (nowMs - this.#reportedMs > this.#reportMs) {
      const { lag, partition, offset } = maxLag;
      this.#print(
        `max lag is ${lag} for partition ${partition} at offset ${offset} among ${this.#buffer.count} partitions`,
      );
      this.#reportedMs = nowMs;
    }
    return true;
  }

  #print(text: string): void {
    this.#host.out(`${timeText(this.#host.ports.clock.wallMs())}: ${text}\n`);
  }
}
