// A machine of the test's own inside this one: its network, name, /etc/hosts, processes and
// /tmp/kraft-combined-logs are private (Linux namespaces), so that command lines with the ports and paths of
// Kafka's notes run word for word beside whatever else uses them. Nothing outlives `stop`.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../../..");
const lineMsMax = 90_000;

/** Where the shipped configuration files keep data. */
export const dataDirectory = "/tmp/kraft-combined-logs";

/** What a command line did. */
export interface LineResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there can be no such machine here, or null. */
export function whyNoPrivateMachine(): string | null {
  if (process.platform !== "linux") return "namespaces need Linux";
  const tried = spawnSync("unshare", [...namespaces(), "ip", "link", "set", "lo", "up"], {
    encoding: "utf8",
  });
  if (tried.status === 0) return null;
  return `unshare does not work here: ${tried.error?.message ?? tried.stderr.trim()}`;
}

function namespaces(): string[] {
  const own = ["--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"];
  return process.getuid?.() === 0 ? own : ["--map-root-user", ...own];
}

/** The private machine. */
export class PrivateMachine {
  readonly #scratch: string;
  readonly #first: ChildProcess;
  #pid = 0;

  private constructor() {
    this.#scratch = mkdtempSync(join(tmpdir(), "ottla-walk-"));
    mkdirSync(join(this.#scratch, "data"));
    mkdirSync(dataDirectory, { recursive: true });
    copyFileSync("/etc/hosts", join(this.#scratch, "hosts"));
    const setUp = [
      "ip link set lo up",
      `mount --bind '${join(this.#scratch, "data")}' ${dataDirectory}`,
      `mount --bind '${join(this.#scratch, "hosts")}' /etc/hosts`,
      "echo ready",
      "exec sleep 3600",
    ];
    this.#first = spawn("unshare", [...namespaces(), "sh", "-ec", setUp.join("; ")], {
      stdio: ["ignore", "pipe", "ignore"],
    });
  }

  static async start(): Promise<PrivateMachine> {
    const machine = new PrivateMachine();
    await new Promise<void>((ready, failed) => {
      machine.#first.stdout?.once("data", () => ready());
      machine.#first.once("exit", (code) => failed(new Error(`unshare: exit ${code}`)));
    });
    // `unshare --fork` waits outside; its only child is the first process inside.
    const children = `/proc/${machine.#first.pid}/task/${machine.#first.pid}/children`;
    machine.#pid = Number(readFileSync(children, "utf8").trim().split(" ")[0]);
    return machine;
  }

  /** A file path of the machine's own. */
  file(name: string): string {
    return join(this.#scratch, name);
  }

  /** What outlives a line started in the background writes here. */
  get serverLog(): string {
    return this.file("server.log");
  }

  /** The data directory, seen from outside. */
  get data(): string {
    return join(this.#scratch, "data");
  }

  /** Runs a command line in `folder` of the repository. */
  async line(text: string, options: { input?: string; folder?: string } = {}): Promise<LineResult> {
    const user = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
    const enter = [
      "--target",
      String(this.#pid),
      ...user,
      "--net",
      "--mount",
      "--uts",
      "--pid",
      `--wd=${root}`,
    ];
    const folder = join(root, options.folder ?? ".");
    const child = spawn("nsenter", [...enter, "bash", "-c", `cd '${folder}'; ${text}`], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const late = setTimeout(() => child.kill("SIGKILL"), lineMsMax);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on("error", () => {
      // A tool that has ended does not read the rest.
    });
    child.stdin.end(options.input ?? "");
    const code = await new Promise<number | null>((done) => child.once("close", done));
    clearTimeout(late);
    return { code, stdout, stderr };
  }

  /** Starts a server in the background, as users do with `&`; waits until the log says that it serves. */
  async startServer(text: string, folder = "."): Promise<void> {
    const before = this.#logged().length;
    // The form of a terminal, where the notes' readers see it.
    await this.line(`OTTLA_LOG_FORMAT=text ${text} >>'${this.serverLog}' 2>&1 </dev/null &`, { folder });
    await this.until(() => this.#logged().slice(before).includes("Kafka Server started"), "the start");
  }

  async until(isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + lineMsMax;
    while (!(await isDone())) {
      if (Date.now() > deadline) throw new Error(`${what} did not happen:\n${this.#logged().slice(-2000)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  #logged(): string {
    try {
      return readFileSync(this.serverLog, "utf8");
    } catch {
      return "";
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#first.once("exit", done));
    // The first process of the namespace takes all others with it.
    if (this.#pid > 0) process.kill(this.#pid, "SIGKILL");
    else this.#first.kill("SIGKILL");
    await ended;
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
