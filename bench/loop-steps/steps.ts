// A node in a fake world whose every step of the event loop is timed with the real clock: what one step
// costs, free of sockets, disks and neighbours. The longest step while something happens is the figure; what
// the engine's garbage collector took of it is told apart, as no code can pause there.
import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { Broker, BrokerStartError } from "@ottla/broker";
import { brokerConfigOf } from "@ottla/config";
import { FakeWorld, NotedLogger, plainLoggers } from "@ottla/ports";
import { type ApiCodec, type ApiKey, apiCodecs } from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError, type RpcResult } from "@ottla/rpc";
import { formatNode } from "@ottla/testkit";

const nodeName = "broker-1";
const patienceMs = 600_000;

interface Codec extends ApiCodec<unknown, unknown> {
  makeRequest(fields: unknown): unknown;
}

/** What the steps of one piece of work took. */
export interface StepFigures {
  /** Without garbage collection. */
  readonly longestMs: number;
  /** With it. */
  readonly longestWithGcMs: number;
  readonly totalMs: number;
  /** Steps above 5 ms, without garbage collection. */
  readonly longSteps: number;
  /** The event that the longest step was. */
  readonly longest: string;
}

/** A step worth a look. */
interface TimedStep {
  readonly kind: string;
  readonly beganMs: number;
  readonly endedMs: number;
  /** Of this thread: neighbours do not count. */
  readonly cpuMs: number;
}

/** The node, and a client of it. */
export class TimedNode {
  readonly world: FakeWorld;
  readonly #logger = new NotedLogger();
  #steps: TimedStep[] = [];
  #totalMs = 0;
  #stepBeganMs = 0;
  #isInStep = false;
  /** What ran in slices in this step. */
  #works = "";
  #stepsMs = 0;
  readonly #collections: { readonly startTime: number; readonly duration: number }[] = [];
  readonly #connection: RpcConnection;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    this.world = new FakeWorld({
      seed: 1,
      around: (node, kind, run) => {
        if (node !== nodeName) return run();
        const beganMs = performance.now();
        this.#stepBeganMs = beganMs;
        this.#isInStep = true;
        const beganCpuMs = threadCpuMs();
        this.#works = "";
        run();
        this.#isInStep = false;
        this.#stepsMs += performance.now() - beganMs;
        this.#noteStep({
          kind: `${kind}${this.#works}`,
          beganMs,
          endedMs: performance.now(),
          cpuMs: threadCpuMs() - beganCpuMs,
        });
      },
    });
    const observer = new PerformanceObserver((list) => this.#collections.push(...list.getEntries()));
    observer.observe({ entryTypes: ["gc"] });
    const fakePorts = this.world.node(nodeName, { openFilesMax: 1_000_000 }).ports;
    // Within a step time passes as it does, so that slices end by the clock; and it never goes back.
    const clock = {
      wallMs: () => fakePorts.clock.wallMs(),
      monotonicMs: () => {
        const inStepMs = this.#isInStep ? performance.now() - this.#stepBeganMs : 0;
        return fakePorts.clock.monotonicMs() + this.#stepsMs + inStepMs;
      },
    };
    const ports = { ...fakePorts, clock };
    const config = brokerConfigOf({
      "node.id": "1",
      "process.roles": "broker,controller",
      "controller.quorum.bootstrap.servers": "broker-1:9093",
      "controller.listener.names": "CONTROLLER",
      listeners: "PLAINTEXT://broker-1:9092,CONTROLLER://broker-1:9093",
      "log.dirs": "/data",
      ...settings,
    });
    formatNode(ports, {
      clusterId: "5L6g3nShT-eMCtK--X86sw",
      nodeId: 1,
      directory: "/data",
      host: nodeName,
      controllerPort: 9093,
    });
    let started: Broker | BrokerStartError | null = null;
    Broker.open({ ports, config, loggers: plainLoggers(this.#logger) }, (result) => {
      started = result;
    });
    this.world.run({ ms: 600_000, until: () => started !== null });
    const broker = started as unknown;
    if (broker instanceof BrokerStartError) throw broker;
    (broker as Broker).services.slices.observe((name) => {
      this.#works += ` ${name}`;
    });
    this.#connection = this.#connect();
  }

  /** Runs `work` and tells what the node's steps took meanwhile. */
  async measure(work: () => void): Promise<StepFigures> {
    this.#steps = [];
    this.#totalMs = 0;
    work();
    const totalMs = this.#totalMs;
    // Collections are told in turns of the real loop.
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    let longestMs = 0;
    let longestWithGcMs = 0;
    let longSteps = 0;
    let longest = "";
    for (const { kind, beganMs, endedMs, cpuMs } of this.#steps) {
      const withGcMs = Math.min(endedMs - beganMs, cpuMs);
      longestWithGcMs = Math.max(longestWithGcMs, withGcMs);
      const ms = withGcMs - this.#collectedMs(beganMs, endedMs);
      if (ms > 5) longSteps += 1;
      if (ms <= longestMs) continue;
      longestMs = ms;
      longest = kind;
    }
    this.#collections.length = 0;
    return { longestMs, longestWithGcMs, totalMs, longSteps, longest };
  }

  /** Asks and decodes the answer. */
  ask(key: number, version: number, fields: Readonly<Record<string, unknown>>): unknown {
    // The map's type is the intersection of all messages; each codec only sees its own.
    const codec = apiCodecs[key as ApiKey] as unknown as Codec;
    const api: RpcApi<unknown, unknown> = { key: key as ApiKey, ...codec };
    let answered: RpcResult<unknown> | null = null;
    const request = () => codec.makeRequest(fields);
    this.#connection.send(api, request, { version }, (result) => {
      answered = result;
    });
    const result = this.#wait<RpcResult<unknown>>(() => answered);
    if (result.kind === "failed") throw result.error;
    return result.response;
  }

  /** Lets time pass. */
  idle(ms: number): void {
    this.world.run({ ms });
  }

  #noteStep(step: TimedStep): void {
    this.#totalMs += step.cpuMs;
    if (step.cpuMs > 1) this.#steps.push(step);
  }

  #collectedMs(fromMs: number, toMs: number): number {
    let sum = 0;
    for (const { startTime, duration } of this.#collections) {
      if (startTime >= fromMs && startTime < toMs) sum += duration;
    }
    return sum;
  }

  #connect(): RpcConnection {
    const { ports } = this.world.node("client");
    let opened: RpcConnection | RpcError | null = null;
    const options = {
      ports,
      host: nodeName,
      port: 9092,
      clientId: "bench",
      softwareName: "bench",
      softwareVersion: "1",
      connectTimeoutMs: 5000,
      requestTimeoutMs: patienceMs,
      inFlightMax: 1,
      responseBytesMax: 0x7fff_ffff,
    };
    RpcConnection.open(options, (result) => {
      opened = result;
    });
    return this.#wait(() => opened);
  }

  #wait<Value>(arrived: () => Value | RpcError | null): Value {
    this.world.run({ ms: patienceMs, until: () => arrived() !== null });
    const result = arrived();
    if (result === null || result instanceof RpcError) {
      throw new Error(`no answer: ${this.#logger.warnings.join(", ")}`, { cause: result });
    }
    return result;
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
