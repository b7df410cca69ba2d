// A broker under measurement: Apache Kafka, Ottla or the floor (floor/floor.ts), each started fresh in its
// own directory with the same properties.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { drawPort } from "../../acceptance/broker-under-test.ts";
import { type LoopDelays, LoopProbe } from "./loop-delay.ts";
import type { MemoryRoom } from "./memory-room.ts";
import { type OperationMetrics, readMetrics } from "./operation-metrics.ts";

const root = resolve(import.meta.dirname, "../..");
const apacheKafka = join(root, "acceptance/suites/apache-kafka.sh");

/** Names a broker and its settings in tables. */
export type PeerName = "kafka" | "kafka-fsync" | "ottla" | "ottla-page-cache" | "floor";

/** Apache Kafka, however it is set. */
export function isApacheKafka(name: PeerName): boolean {
  return name === "kafka" || name === "kafka-fsync";
}

/** A started broker. */
export interface Peer {
  readonly name: PeerName;
  readonly bootstrap: string;
  readonly port: number;
  readonly pid: number;
  /** Where its logs lie. */
  readonly dataDirectory: string;
  /** Monotonic time at which the start command was given, the last time. */
  readonly spawnedMs: number;
  /** What Ottla shows of itself; null of others. */
  metrics(): Promise<OperationMetrics | null>;
  /** How late its event loop was since the last time; null where there is no probe. */
  takeLoopDelays(): Promise<LoopDelays | null>;
  /** Kills it in the middle of what it does, and starts it again on its data. */
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
}

function properties(name: PeerName, port: number, data: string, more: readonly string[]): string {
  const lines = [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${port + 1}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    `log.dirs=${data}`,
    "offsets.topic.replication.factor=1",
    "max.connections.per.ip=100000",
    ...more,
  ];
  if (name === "kafka-fsync") lines.push("log.flush.interval.messages=1");
  if (!isApacheKafka(name)) lines.push(`ottla.metrics.listener=127.0.0.1:${metricsPort(port)}`);
  if (name === "ottla-page-cache") lines.push("ottla.durability=page-cache");
  return `${lines.join("\n")}\n`;
}

/** Of a broker on `port`, whose controller has the port behind it. */
function metricsPort(port: number): number {
  return port + 2;
}

async function portAnswers(port: number): Promise<boolean> {
  const { connect } = await import("node:net");
  return await new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

/** What a fresh peer gets. */
export interface PeerSettings {
  /** The Java heap of Apache Kafka. */
  readonly heap: string;
  /** The memory limit it lives in, if any. */
  readonly room: MemoryRoom | null;
  /** Further lines for its properties. */
  readonly properties?: readonly string[];
  /** Probes the event loop of Ottla from inside. */
  readonly withLoopProbe?: boolean;
}

/** What runs as a peer. */
type Command = readonly [program: string, words: readonly string[]];

/** Starts a fresh peer and waits until its port accepts. */
export async function startPeer(name: PeerName, settings: PeerSettings): Promise<Peer> {
  const { heap, room, withLoopProbe = false } = settings;
  const port = await drawPort();
  const directory = mkdtempSync(join(tmpdir(), `ottla-bench-${name}-`));
  const dataDirectory = join(directory, "data");
  const file = join(directory, "server.properties");
  writeFileSync(file, properties(name, port, dataDirectory, settings.properties ?? []));
  const command = commandOf(name, { file, heap, port, dataDirectory });
  const removeAtExit = (): void => rmSync(directory, { recursive: true, force: true });
  process.once("exit", removeAtExit);
  room?.fill();
  const isOttla = name === "ottla" || name === "ottla-page-cache";
  const probe = withLoopProbe && isOttla ? new LoopProbe(directory) : null;
  const server = new Server(name, room?.inside(...command) ?? command, directory, port, probe);
  await server.start();
  return {
    name,
    bootstrap: `127.0.0.1:${port}`,
    port,
    dataDirectory,
    get pid() {
      return server.pid;
    },
    get spawnedMs() {
      return server.spawnedMs;
    },
    async metrics() {
      return isOttla ? await readMetrics(metricsPort(port)) : null;
    },
    async takeLoopDelays() {
      return probe === null ? null : await probe.take();
    },
    async killAndStart() {
      await server.end("SIGKILL");
      await server.start();
    },
    async stop() {
      await server.end("SIGTERM");
      process.off("exit", removeAtExit);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface CommandOptions {
  readonly file: string;
  readonly heap: string;
  readonly port: number;
  readonly dataDirectory: string;
}

/** Formats what needs it. */
function commandOf(name: PeerName, { file, heap, port, dataDirectory }: CommandOptions): Command {
  const clusterId = "bench-cluster-000000001";
  if (name === "floor") {
    const program = join(import.meta.dirname, "floor/floor.ts");
    return [process.execPath, ["--conditions=@ottla/source", program, String(port), dataDirectory]];
  }
  if (isApacheKafka(name)) {
    const classPath = spawnSync(apacheKafka, ["classpath"], { encoding: "utf8" }).stdout.trim();
    const quiet = join(classPath.replace(/\/libs\/\*$/, ""), "quiet.xml");
    const java = (...args: string[]): string[] => [
      `-Dlog4j2.configurationFile=${quiet}`,
      "-cp",
      classPath,
      ...args,
    ];
    const format = spawnSync("java", java("kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file));
    if (format.status !== 0) throw new Error(`format: ${format.stderr.toString()}`);
    const jvm = [`-Xmx${heap}`, `-Xms${heap}`, "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"];
    const flags = [...jvm, "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"];
    return ["java", [...flags, ...java("kafka.Kafka", file)]];
  }
  const format = spawnSync(join(root, "bin/kafka-storage.sh"), ["format", "-t", clusterId, "-c", file]);
  if (format.status !== 0) {
    throw new Error(`format: ${format.stdout.toString()}${format.stderr.toString()}`);
  }
  return [join(root, "bin/kafka-server-start.sh"), [file]];
}

/** Milliseconds; Apache Kafka reads all it has when it was killed. */
const startMsMax = 600_000;

/** The process of a peer, one after the other. */
class Server {
  readonly #name: PeerName;
  readonly #command: Command;
  readonly #probe: LoopProbe | null;
  readonly #log: string;
  readonly #port: number;
  #child: ChildProcess | null = null;
  /** No broker outlives the bench, even one that is still starting. */
  #killAtExit: () => void = () => undefined;
  spawnedMs = 0;

  constructor(name: PeerName, command: Command, directory: string, port: number, probe: LoopProbe | null) {
    this.#probe = probe;
    this.#name = name;
    this.#command = command;
    this.#log = join(directory, "server.log");
    this.#port = port;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** Resolves when its port accepts. */
  async start(): Promise<void> {
    const [program, words] = this.#command;
    const out = openSync(this.#log, "a");
    this.spawnedMs = performance.now();
    const env = { ...process.env, ...this.#probe?.environment() };
    const child = spawn(program, words, { stdio: ["ignore", out, out], env });
    this.#child = child;
    closeSync(out);
    this.#killAtExit = () => child.kill("SIGKILL");
    process.once("exit", this.#killAtExit);
    const deadline = performance.now() + startMsMax;
    while (!(await portAnswers(this.#port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`${this.#name} did not start:\n${readFileSync(this.#log, "utf8").slice(-2000)}`);
      }
      await new Promise((done) => setTimeout(done, 2));
    }
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((done) => {
      if (child.exitCode !== null || child.signalCode !== null) done();
      else child.once("exit", () => done());
    });
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(late);
    process.off("exit", this.#killAtExit);
  }
}
