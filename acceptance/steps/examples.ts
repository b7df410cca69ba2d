// The examples run as their READMEs say: a flash sale whose worker is killed in the middle and must not
// oversell, in Python and in TypeScript, a backlog worked off, and reader and writer in Go.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { drawPort, startBrokerUnderTest } from "../broker-under-test.ts";
import type { Step } from "../run.ts";
import { outputOf, type ProgramOptions } from "./run-program.ts";

const root = resolve(import.meta.dirname, "../..");
const examples = join(root, "examples");
const apacheKafka = join(import.meta.dirname, "..", "suites", "apache-kafka.sh");
const orderCount = 10_000;
const backlogCount = 100_000;
const stock = 500;
const connectionCount = 64;
const waitMs = 60_000;

const commandMsMax = 180_000;

function run(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  return outputOf(command, args, { timeoutMs: commandMsMax, ...options });
}

/** A Python with the example's requirements, kept with the other test dependencies. */
async function pythonEnvironment(): Promise<string> {
  const caches = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(process.env["OTTLA_PEERS"] ?? join(caches, "ottla-peers"), "seckill-python");
  const python = join(folder, "bin/python");
  if (!existsSync(python)) await run("python3", ["-m", "venv", folder]);
  const requirements = join(examples, "seckill-python/requirements.txt");
  await run(python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements]);
  return python;
}

/** A program of an example that is running. */
class Program {
  readonly #child: ChildProcess;
  #output = "";

  constructor(command: string, args: readonly string[], cwd: string, bootstrap: string) {
    const env = { ...process.env, BOOTSTRAP: bootstrap };
    this.#child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on(
        "data",
        (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-20_000)),
      );
    }
  }

  async until(isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (!(await isDone())) {
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${what} did not happen:\n${this.#output.slice(-2000)}`);
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  says(text: string): boolean {
    return this.#output.includes(text);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(late);
  }
}

async function buy(agent: Agent, port: number, userId: number): Promise<void> {
  const body = JSON.stringify({ seckill_id: 1, count: 1, address: "x", user_id: userId });
  const headers = { "content-type": "application/json", "content-length": body.length };
  await new Promise<void>((done, failed) => {
    const sent = request(
      { agent, port, host: "127.0.0.1", path: "/buy", method: "POST", headers },
      (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("end", () => {
          if (answer.statusCode === 200 && text === '"ok"') done();
          else failed(new Error(`POST /buy: ${answer.statusCode} ${text.slice(0, 500)}`));
        });
      },
    );
    sent.once("error", failed);
    sent.end(body);
  });
}

/** A burst of orders over many connections; every one must be answered with ok. */
async function burst(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionCount });
  let next = 0;
  await Promise.all(
    Array.from({ length: connectionCount }, async () => {
      while (next < orderCount) await buy(agent, port, next++);
    }),
  );
  agent.destroy();
}

interface Sale {
  readonly orders: number;
  readonly sold: number;
  readonly left: number;
}

function saleOf(file: string): Sale {
  if (!existsSync(file)) return { orders: 0, sold: 0, left: stock };
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA busy_timeout=5000");
    const orders = database.prepare("SELECT count(*) AS orders, coalesce(sum(sold), 0) AS sold FROM orders");
    const left = database.prepare("SELECT coalesce(sum(pieces), 0) AS pieces FROM stock");
    return { ...(orders.get() as unknown as Omit<Sale, "left">), left: Number(left.get()?.["pieces"]) };
  } catch (error) {
    // The worker is still creating its tables.
    if (String(error).includes("no such table")) return { orders: 0, sold: 0, left: stock };
    throw error;
  } finally {
    database.close();
  }
}

/** What both flash sales have in common: how their programs are started. */
interface Language {
  readonly name: string;
  shop(port: number): readonly [string, readonly string[]];
  worker(database: string): readonly [string, readonly string[]];
}

async function lagOf(bootstrap: string): Promise<number> {
  const text = await run(join(root, "bin/kafka-consumer-groups.sh"), [
    "--bootstrap-server",
    bootstrap,
    "--describe",
    "--group",
    "orders",
  ]);
  const rows = text.split("\n").filter((line) => line.startsWith("orders "));
  const lags = rows.map((line) => Number(line.trim().split(/\s+/)[5]));
  return rows.length === 0 ? Number.NaN : lags.reduce((sum, lag) => sum + lag, 0);
}

async function flashSale(language: Language): Promise<void> {
  const broker = await startBrokerUnderTest();
  const { bootstrap, directory } = broker;
  const cwd = join(examples, `seckill-${language.name}`);
  const database = join(directory, "sale.db");
  const programs: Program[] = [];
  const start = ([command, args]: readonly [string, readonly string[]]): Program => {
    const program = new Program(command, args, cwd, bootstrap);
    programs.push(program);
    return program;
  };
  try {
    const topic = ["--bootstrap-server", bootstrap, "--topic", "seckill"];
    await run(join(root, "bin/kafka-topics.sh"), [...topic, "--create", "--partitions", "3"]);
    const port = await drawPort();
    const shop = start(language.shop(port));
    await shop.until(() => shop.says("open") || shop.says("running on"), "the shop's opening");
    await burst(port);
    await shop.end("SIGTERM");

    const killed = start(language.worker(database));
    await killed.until(() => saleOf(database).orders > 0, "the first order");
    await killed.end("SIGKILL");
    const worker = start(language.worker(database));
    await worker.until(() => saleOf(database).orders >= orderCount, "the last order");
    const sale = saleOf(database);
    if (sale.orders !== orderCount || sale.sold !== stock || sale.left !== 0) {
      throw new Error(`${orderCount} orders for ${stock} pieces ended as ${JSON.stringify(sale)}`);
    }
    await worker.end("SIGTERM");

    const order = join(directory, "order.json");
    writeFileSync(order, '{"seckill_id":1,"count":1,"address":"x","user_id":7}\n');
    const load = ["--num-records", String(backlogCount), "--throughput", "-1", "--payload-file", order];
    await run(join(root, "bin/kafka-producer-perf-test.sh"), [...topic, ...load]);
    const backlog = await lagOf(bootstrap);
    if (!(backlog >= backlogCount)) throw new Error(`the backlog is ${backlog}`);
    const after = start(language.worker(database));
    await after.until(() => saleOf(database).orders === orderCount + backlogCount, "the end of the backlog");
    await after.until(async () => (await lagOf(bootstrap)) === 0, "a lag of 0");
  } finally {
    for (const program of programs) await program.end("SIGKILL");
    await broker.dispose();
  }
}

/** One record for each key by the producers of other languages; every key must stay in its partition. */
async function checkOnePartitionPerKey(bootstrap: string, python: string): Promise<void> {
  const topic = "reader-writer";
  const keys = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const lines = keys.map((key) => `${key}\tagain\n`).join("");
  const console = [
    ...["--bootstrap-server", bootstrap, "--topic", topic],
    "--reader-property",
    "parse.key=true",
  ];
  await run(apacheKafka, ["tool", "ConsoleProducer", ...console], { input: lines });
  await run(join(root, "bin/kafka-console-producer.sh"), console, { input: lines });
  const send = "[p.send(sys.argv[2], b'again', key=k.encode()) for k in sys.argv[3:]]";
  const script = `import sys, kafka; p = kafka.KafkaProducer(bootstrap_servers=sys.argv[1]); ${send}; p.flush()`;
  await run(python, ["-c", script, bootstrap, topic, ...keys]);
  const produce = ["-b", bootstrap, "-P", "-t", topic, "-K", "\t", "-X", "partitioner=murmur2_random"];
  await run("kcat", produce, { input: lines });
  const read = await run("kcat", ["-b", bootstrap, "-C", "-q", "-e", "-t", topic, "-f", "%k %p\n"]);
  const places = read.trimEnd().split("\n");
  const wanted = 300 + 4 * keys.length;
  if (places.length !== wanted) throw new Error(`${places.length} records, wanted ${wanted}`);
  const partitions = new Set(places);
  if (partitions.size !== keys.length) {
    throw new Error(`keys lie in several partitions: ${[...partitions].toSorted().join(", ")}`);
  }
}

async function readerWriter(python: string): Promise<void> {
  const broker = await startBrokerUnderTest();
  const folder = mkdtempSync(join(tmpdir(), "ottla-reader-writer-"));
  try {
    const program = join(folder, "reader-writer");
    const cwd = join(examples, "reader-writer-go");
    await run("go", ["build", "-o", program, "."], { cwd });
    const output = await run(program, [], { env: { BOOTSTRAP: broker.bootstrap } });
    if (!output.includes("the group read 300")) throw new Error(output);
    await checkOnePartitionPerKey(broker.bootstrap, python);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await broker.dispose();
  }
}

/** All examples. */
export const examplesStep: Step = {
  name: "examples",
  needs: ["python3", "go", "java", "mvn", "kcat"],
  async run() {
    const python = await pythonEnvironment();
    await flashSale({
      name: "python",
      shop: (port) => [python, ["-m", "uvicorn", "shop:app", "--port", String(port), "--no-access-log"]],
      worker: (database) => [python, ["worker.py", "--stock", String(stock), "--database", database]],
    });
    await flashSale({
      name: "typescript",
      shop: (port) => [process.execPath, ["shop.ts", String(port)]],
      worker: (database) => [process.execPath, ["worker.ts", database, String(stock)]],
    });
    await readerWriter(python);
    return `${orderCount} orders and ${backlogCount} of backlog in two languages, ${stock} pieces each, none oversold; Go reads what it wrote; five producers agree on the partition of a key`;
  },
};
