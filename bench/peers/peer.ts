// A broker under measurement: Apache Kafka or Ottla, each started fresh in its own directory with the same
// properties.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { drawPort } from "../../acceptance/broker-under-test.ts";
import type { MemoryRoom } from "./memory-room.ts";

const root = resolve(import.meta.dirname, "../..");
const apacheKafka = join(root, "acceptance/suites/apache-kafka.sh");

/** Names a broker and its settings in tables. */
export type PeerName = "kafka" | "ottla" | "ottla-page-cache";

/** A started broker. */
export interface Peer {
  readonly name: PeerName;
  readonly bootstrap: string;
  readonly port: number;
  readonly pid: number;
  /** Monotonic time at which the start command was given, the last time. */
  readonly spawnedMs: number;
  /** Kills it in the middle of what it does, and starts it again on its data. */
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
}

function properties(name: PeerName, port: number, data: string): string {
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
  ];
  if (name === "ottla-page-cache") lines.push("ottla.durability=page-cache");
  return `${lines.join("\n")}\n`;
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
}

/** Starts a fresh peer and waits until its port accepts. */
export async function startPeer(name: PeerName, { heap, room }: PeerSettings): Promise<Peer> {
  const port = await drawPort();
  const directory = mkdtempSync(join(tmpdir(), `ottla-bench-${name}-`));
  const file = join(directory, "server.properties");
  writeFileSync(file, properties(name, port, join(directory, "data")));
  const clusterId = "bench-cluster-000000001";
  let command: readonly [string, readonly string[]];
  if (name === "kafka") {
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
    command = ["java", [...flags, ...java("kafka.Kafka", file)]];
  } else {
    const format = spawnSync(join(root, "bin/kafka-storage.sh"), ["format", "-t", clusterId, "-c", file]);
    if (format.status !== 0)
      throw new Error(`format: ${format.stdout.toString()}${format.stderr.toString()}`);
    command = [join(root, "bin/kafka-server-start.sh"), [file]];
  }
  room?.fill();
  const server = new Server(name, room?.inside(...command) ?? command, directory, port);
  await server.start();
  return {
    name,
    bootstrap: `127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    get spawnedMs() {
      return server.spawnedMs;
    },
    async killAndStart() {
      await server.end("SIGKILL");
      await server.start();
    },
    async stop() {
      await server.end("SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The process of a peer, one after the other. */
class Server {
  readonly #name: PeerName;
  readonly #command: readonly [string, readonly string[]];
  readonly #log: string;
  readonly #port: number;
  #child: ChildProcess | null = null;
  spawnedMs = 0;

  constructor(
    name: PeerName,
    command: readonly [string, readonly string[]],
    directory: string,
    port: number,
  ) {
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
    const child = spawn(program, words, { stdio: ["ignore", out, out] });
    this.#child = child;
    closeSync(out);
    const deadline = performance.now() + 60_000;
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
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(late);
  }
}
