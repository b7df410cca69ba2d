// A node in a fake world whose every step of the event loop is timed with the real clock: what one step
// costs, free of sockets, disks and neighbours. The longest step while something happens is the figure; what
// the engine's garbage collector took of it is told apart, as no code can pause there.
import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { Broker, BrokerStartError } from "@ottla/broker";
import { brokerConfigOf } from "@ottla/config";
import { type Connection, FakeWorld, NetworkError, NotedLogger } from "@ottla/ports";
import {
  type ApiKey,
  apiCodecs,
  decodeResponseHeader,
  encodeRequestHeader,
  makeRequestHeader,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from "@ottla/protocol";
import { formatNode } from "@ottla/testkit";

const nodeName = "broker-1";

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
  #stepsMs = 0;
  readonly #collections: { readonly startTime: number; readonly duration: number }[] = [];
  #connection: Connection | null = null;
  #received: Uint8Array[] = [];
  #receivedBytes = 0;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    this.world = new FakeWorld({
      seed: 1,
      around: (node, kind, run) => {
        if (node !== nodeName) return run();
        const beganMs = performance.now();
        this.#stepBeganMs = beganMs;
        this.#isInStep = true;
        const beganCpuMs = threadCpuMs();
        run();
        this.#isInStep = false;
        this.#stepsMs += performance.now() - beganMs;
        this.#noteStep({ kind, beganMs, endedMs: performance.now(), cpuMs: threadCpuMs() - beganCpuMs });
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
    Broker.open({ ports, config, logger: this.#logger }, (result) => {
      started = result;
    });
    this.world.run({ ms: 600_000, until: () => started !== null });
    if ((started as unknown) instanceof BrokerStartError) throw started;
    this.#connect();
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
    this.#connection?.send([requestFrame(key, version, fields)], () => {});
    const answer = this.#answer();
    const reader = new Reader(answer.subarray(4));
    decodeResponseHeader(reader, responseHeaderVersion(key, version));
    return apiCodecs[key as ApiKey].decodeResponse(reader, version);
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

  #connect(): void {
    const client = this.world.node("client");
    client.ports.network.connect({ host: nodeName, port: 9092, timeoutMs: 5000 }, (result) => {
      if (result instanceof NetworkError) throw result;
      this.#connection = result;
      return {
        onBytes: (view) => {
          this.#received.push(view.slice());
          this.#receivedBytes += view.length;
        },
        onClose: () => {
          this.#connection = null;
        },
      };
    });
    this.world.run({ until: () => this.#connection !== null, ms: 10_000 });
  }

  #answer(): Uint8Array {
    let wanted = 4;
    this.world.run({
      ms: 600_000,
      until: () => {
        if (this.#connection === null) {
          throw new Error(`the node closed the connection: ${this.#logger.warnings.join(", ")}`);
        }
        if (this.#receivedBytes < wanted) return false;
        if (wanted === 4) {
          const head = joined(this.#received);
          this.#received = [head];
          wanted = 4 + new DataView(head.buffer, head.byteOffset).getInt32(0);
        }
        return this.#receivedBytes >= wanted;
      },
    });
    const frame = joined(this.#received);
    if (frame.length !== wanted) throw new Error(`an answer of ${wanted} bytes did not come`);
    this.#received = [];
    this.#receivedBytes = 0;
    return frame;
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function requestFrame(key: number, version: number, fields: Readonly<Record<string, unknown>>): Uint8Array {
  const codec = apiCodecs[key as ApiKey] as unknown as {
    makeRequest(fields: unknown): unknown;
    encodeRequest(writer: Writer, message: unknown, version: number): void;
  };
  const writer = new Writer(16_384);
  writer.int32(0);
  const header = makeRequestHeader({
    requestApiKey: key,
    requestApiVersion: version,
    correlationId: 7,
    clientId: "bench",
  });
  encodeRequestHeader(writer, header, requestHeaderVersion(key, version));
  codec.encodeRequest(writer, codec.makeRequest(fields), version);
  const bytes = writer.toBytes();
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4);
  return bytes;
}
