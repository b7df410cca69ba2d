// Starts Ottla the way a user does (format, server-start with a properties file) in a fresh temporary
// directory, and ends it by pid. Ports are drawn below 32768: above lies the kernel's ephemeral range, where
// a restart may find its port taken.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** A running broker and what is needed to end or restart it. */
export interface BrokerUnderTest {
  readonly bootstrap: string;
  readonly port: number;
  readonly directory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  pid(): number;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, then waits for the end; returns the exit code. */
  stop(): Promise<number>;
  start(): Promise<void>;
  /** Stops and removes the directory. */
  dispose(): Promise<void>;
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}

/** A free port in 12000..31999 whose successor is free too. */
export async function drawPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 12000 + Math.floor(Math.random() * 20000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error("no free port between 12000 and 32000 in 100 attempts");
}

/** The profile of the suites: one node, four partitions, automatic topics, else Kafka's defaults. */
export function suiteProperties(port: number, dataDirectory: string): string {
  return [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${port + 1}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    `log.dirs=${dataDirectory}`,
    "num.partitions=4",
    "auto.create.topics.enable=true",
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=8",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=8",
    "",
  ].join("\n");
}

/** Ends a child process with `signal` and waits; null when it was over before. */
async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const code = await ended;
  clearTimeout(late);
  return code;
}

function format(properties: string): void {
  const tool = join(root, "bin/kafka-storage.sh");
  const uuid = spawnSync(tool, ["random-uuid"], { encoding: "utf8" }).stdout.trim();
  const formatted = spawnSync(tool, ["format", "-t", uuid, "-c", properties], { encoding: "utf8" });
  if (formatted.status !== 0) throw new Error(`format failed: ${formatted.stdout}${formatted.stderr}`);
}

/** Formats a directory and starts a broker in it; `extra` are further properties. */
export async function startBrokerUnderTest(extra: readonly string[] = []): Promise<BrokerUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), "ottla-acceptance-"));
  return await startBrokerIn(directory, await drawPort(), extra);
}

/** Starts a broker on `directory`/data, which is formatted unless it was before; `dispose` removes it all. */
export async function startBrokerIn(
  directory: string,
  port: number,
  extra: readonly string[] = [],
): Promise<BrokerUnderTest> {
  const dataDirectory = join(directory, "data");
  const properties = join(directory, "server.properties");
  const logFile = join(directory, "server.log");
  writeFileSync(properties, `${suiteProperties(port, dataDirectory)}${extra.join("\n")}\n`);
  if (!existsSync(join(dataDirectory, "meta.properties"))) {
    try {
      format(properties);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  let child: ChildProcess | null = null;
  const broker: BrokerUnderTest = {
    bootstrap: `127.0.0.1:${port}`,
    port,
    directory,
    dataDirectory,
    logFile,
    pid: () => child?.pid ?? -1,
    async start() {
      const log = openSync(logFile, "a");
      const before = readFileSync(logFile, "utf8").length;
      const started = spawn(join(root, "bin/kafka-server-start.sh"), [properties], {
        stdio: ["ignore", log, log],
      });
      child = started;
      const deadline = Date.now() + 30_000;
      while (!readFileSync(logFile, "utf8").slice(before).includes("Kafka Server started")) {
        if (started.exitCode !== null || Date.now() > deadline) {
          throw new Error(`the broker did not start:\n${readFileSync(logFile, "utf8").slice(-2000)}`);
        }
        await new Promise((done) => setTimeout(done, 20));
      }
    },
    async kill() {
      if (child !== null) await endProcess(child, "SIGKILL");
    },
    async stop() {
      return (child !== null ? await endProcess(child, "SIGTERM") : null) ?? -1;
    },
    async dispose() {
      if (child !== null) await endProcess(child, "SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await broker.start();
  } catch (error) {
    await broker.dispose();
    throw error;
  }
  return broker;
}
