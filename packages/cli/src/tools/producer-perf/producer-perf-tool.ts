// kafka-producer-perf-test: sends records, at a rate or as many as the producer takes, and tells of the
// answers. Invariant: what waits to be sent is bounded by the producer's memory.
import { type ClientSettings, Producer } from "@ottla/client";
import { errorTrace, illegalArgument } from "../../options/java-exception.ts";
import { readSettings, toolEnvironment } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { ArgumentProblem, argumentTool, type ToolArguments } from "../client-tool/argument-tool.ts";
import { metricsText } from "../client-tool/metrics-text.ts";
import { RecordSender } from "../client-tool/record-sender.ts";
import { ThroughputThrottler } from "../client-tool/throughput-throttler.ts";
import { filePayload, monotonicPayload, type Payload, randomPayload } from "./payloads.ts";
import { PerfStats } from "./perf-stats.ts";
import { producerPerfCommand } from "./producer-perf-options.ts";

const REPORT_MS = 5000;

/** kafka-producer-perf-test. */
export const producerPerfTool: Tool = argumentTool(producerPerfCommand, async (given, host) => {
  checkArguments(given);
  tellOldNames(given, host);
  const plan: PerfPlan = {
    topic: given.value("--topic") ?? "",
    records: given.number("--num-records") ?? 0,
    warmupRecords: given.number("--warmup-records") ?? 0,
    throughput: given.number("--throughput") ?? -1,
    reportMs: given.number("--reporting-interval") ?? REPORT_MS,
    payload: givenPayload(given, host),
    printsMetrics: given.has("--print-metrics"),
  };
  const producer = new Producer(producerSettings(given, host), toolEnvironment(host));
  return await new ProducerPerf(plan, producer, host).run();
});

interface PerfPlan {
  readonly topic: string;
  readonly records: number;
  readonly warmupRecords: number;
  readonly throughput: number;
  readonly reportMs: number;
  readonly payload: Payload;
  readonly printsMetrics: boolean;
}

function checkArguments(given: ToolArguments): void {
  const positive = (name: string): void => {
    const value = given.number(name);
    if (value !== null && value <= 0) throw new ArgumentProblem(`${name} should be greater than zero.`);
  };
  positive("--num-records");
  positive("--record-size");
  const warmup = given.number("--warmup-records");
  if (warmup !== null && warmup >= (given.number("--num-records") ?? 0)) {
    throw new ArgumentProblem(
      "The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records.",
    );
  }
  given.refuseBoth("--command-property", "--producer-props");
  given.refuseBoth("--command-config", "--producer.config");
  const sources = [
    "--bootstrap-server",
    "--command-property",
    "--producer-props",
    "--producer.config",
    "--command-config",
  ];
  if (!sources.some((name) => given.has(name))) {
    throw new ArgumentProblem(
      `At least one of ${sources.slice(0, 4).join(", ")} or --command-config must be specified.`,
    );
  }
  positive("--transaction-duration-ms");
  positive("--reporting-interval");
  if (given.has("--transactional-id") || given.has("--transaction-duration-ms")) {
    throw new ArgumentProblem("transactions are not supported yet");
  }
}

function tellOldNames(given: ToolArguments, host: ToolHost): void {
  const renamed = [
    ["--producer-props", "--command-property"],
    ["--producer.config", "--command-config"],
  ] as const;
  for (const [old, now] of renamed) {
    if (!given.has(old)) continue;
    host.out(
      `Option ${old} has been deprecated and will be removed in a future version. Use ${now} instead.\n`,
    );
  }
}

function givenPayload(given: ToolArguments, host: ToolHost): Payload {
  const file = given.value("--payload-file");
  if (file !== null) return filePayload(file, given.value("--payload-delimiter") ?? "\\n", host);
  const size = given.number("--record-size");
  return size === null ? monotonicPayload() : randomPayload(size, host.ports.random);
}

function producerSettings(given: ToolArguments, host: ToolHost): ClientSettings {
  const words: Record<string, string> = {};
  for (const word of [...given.values("--command-property"), ...given.values("--producer-props")]) {
    const pieces = word.split("=");
    if (pieces.length !== 2 || pieces[1] === "") throw illegalArgument(`Invalid property: ${word}`);
    words[pieces[0] ?? ""] = pieces[1] ?? "";
  }
  const servers = given.value("--bootstrap-server");
  const path = given.value("--command-config") ?? given.value("--producer.config");
  return {
    "client.id": "perf-producer-client",
    ...readSettings(host, path),
    ...words,
    ...(servers === null ? {} : { "bootstrap.servers": servers }),
  };
}

/** What is known of a record when it is answered. */
interface SentRecord {
  readonly sentMs: number;
  readonly bytes: number;
  /** The second summary that it belongs to. */
  readonly steady: PerfStats | null;
}

class ProducerPerf {
  readonly #plan: PerfPlan;
  readonly #producer: Producer;
  readonly #host: ToolHost;
  readonly #stats: PerfStats;
  readonly #sender: RecordSender;
  #steady: PerfStats | null = null;

  constructor(plan: PerfPlan, producer: Producer, host: ToolHost) {
    this.#plan = plan;
    this.#producer = producer;
    this.#host = host;
    this.#sender = new RecordSender(producer, host.ports.turn, (error, _, sent) => {
      if (error === null) this.#answered(sent as SentRecord);
      else host.err(errorTrace(error));
    });
    this.#stats = new PerfStats(plan.records, plan.reportMs, this.#now());
  }

  async run(): Promise<number> {
    const { plan, host } = { plan: this.#plan, host: this.#host };
    if (plan.warmupRecords > 0) {
      host.out(
        `Warmup first ${plan.warmupRecords} records. Steady state results will print after the complete test summary.\n`,
      );
    }
    await this.#sendAll();
    if (plan.printsMetrics) await this.#producer.flush();
    else await this.#sender.close();
    host.out(this.#stats.total(this.#now()));
    if (this.#steady !== null) host.out(this.#steady.total(this.#now()));
    if (plan.printsMetrics) {
      host.out(metricsText(this.#producer.metrics()));
      await this.#sender.close();
    }
    return 0;
  }

  #now(): number {
    return this.#host.ports.clock.wallMs();
  }

  async #sendAll(): Promise<void> {
    const { records, warmupRecords, throughput, reportMs } = this.#plan;
    const throttler = new ThroughputThrottler(throughput, this.#now(), this.#host.ports);
    for (let index = 0; index < records; index++) {
      if (warmupRecords > 0 && index === warmupRecords) {
        this.#steady = new PerfStats(records - warmupRecords, reportMs, this.#now(), "steady state ");
      }
      const sentMs = this.#now();
      const mayGoOn = this.#send(index, sentMs);
      if (mayGoOn !== null) await mayGoOn;
      if (throttler.shouldThrottle(index, sentMs)) await throttler.throttle();
    }
  }

  #send(index: number, sentMs: number): Promise<void> | null {
    const value = this.#plan.payload(index);
    const sent: SentRecord = { sentMs, bytes: value.length, steady: this.#steady };
    return this.#sender.send({ topic: this.#plan.topic, value }, sent);
  }

  #answered({ sentMs, bytes, steady }: SentRecord): void {
    const nowMs = this.#now();
    const line = this.#stats.record(nowMs - sentMs, bytes, nowMs);
    if (line !== null) this.#host.out(line);
    const steadyLine = steady?.record(nowMs - sentMs, bytes, nowMs) ?? null;
    if (steadyLine !== null) this.#host.out(steadyLine);
  }
}
