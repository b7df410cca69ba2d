// The programs of this repository as a user runs them: bin/*.sh in real processes, in directories that vanish
// after the test.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");
const endMsMax = 30_000;

/** Builds what bin/ starts. */
export function build(): void {
  execFileSync(process.execPath, [join(root, "tools/build/build.ts"), "--bundles-only"], { cwd: root });
}

/** A directory of the test's own. */
export class Scratch {
  readonly path: string = mkdtempSync(join(tmpdir(), "ottla cli-"));

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a server.properties with these settings; answers its path. */
  properties(name: string, settings: Readonly<Record<string, string | number>>): string {
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(this.file(name), lines.join(""));
    return this.file(name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * An installation of the test's own, for scripts that act on all servers of an installation: its bin/ is a
 * copy, the rest a link. Answers the path of its bin/.
 */
export function separateInstallation(scratch: Scratch): string {
  const home = scratch.file("installation");
  cpSync(join(root, "bin"), join(home, "bin"), { recursive: true });
  mkdirSync(join(home, "packages/cli"), { recursive: true });
  symlinkSync(join(root, "packages/cli/bundle"), join(home, "packages/cli/bundle"));
  symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
  return join(home, "bin");
}

/** Settings of a node that is broker and controller. */
export function nodeSettings(ports: readonly number[], directory: string): Record<string, string | number> {
  const [clients, controller] = ports;
  return {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.bootstrap.servers": `localhost:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${clients},CONTROLLER://127.0.0.1:${controller}`,
    "controller.listener.names": "CONTROLLER",
    "log.dirs": directory,
  };
}

/** A free port below the kernel's ephemeral range, so that it is still free after a kill. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const isFree = await new Promise<boolean>((done) => {
      const server = createServer();
      server.once("error", () => done(false));
      server.listen(port, () => server.close(() => done(true)));
    });
    if (isFree) return port;
  }
}

/** What a program printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program under way. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #out = "";
  #err = "";
  #wake: () => void = () => {};
  readonly #isGroup: boolean;

  constructor(script: string, words: readonly string[], options: ProgramOptions = {}) {
    this.#isGroup = options.isGroup ?? false;
    const path = script.startsWith("/") ? script : join(root, "bin", script);
    this.child = spawn(path, words, {
      cwd: options.cwd ?? root,
      env: { ...process.env, OTTLA_LOG_FORMAT: "text", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      detached: this.#isGroup,
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
      this.#wake();
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#err += text;
    });
    this.ended = new Promise((done) => {
      this.child.once("close", (code) => {
        this.#wake();
        done({ code, out: this.#out, err: this.#err });
      });
    });
  }

  get out(): string {
    return this.#out;
  }

  /** Resolves once the output holds `text`; fails when the program ends without it. */
  async prints(text: string): Promise<void> {
    const lateMs = Date.now() + endMsMax;
    while (!this.#out.includes(text)) {
      if (this.child.exitCode !== null || Date.now() > lateMs) {
        throw new Error(`no "${text}" in:\n${this.#out}${this.#err}`);
      }
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended> {
    const { pid, exitCode, signalCode } = this.child;
    const isRunning = pid !== undefined && exitCode === null && signalCode === null;
    if (this.#isGroup && isRunning) process.kill(-pid, signal);
    else this.child.kill(signal);
    return this.ended;
  }
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs as somebody else; only root can do that. */
  readonly uid?: number;
  /** A process group of its own, all of which gets the signal to end, as from a terminal. */
  readonly isGroup?: boolean;
}

/** Runs a program to its end. */
export function run(script: string, words: readonly string[], options?: ProgramOptions): Promise<Ended> {
  return new Program(script, words, options).ended;
}

export const serverStarted = "Kafka Server started (kafka.server.KafkaRaftServer)";

/** Starts a node and waits until it serves. */
export async function startNode(words: readonly string[], options?: ProgramOptions): Promise<Program> {
  const program = new Program("kafka-server-start.sh", words, options);
  await program.prints(serverStarted);
  return program;
}

/** Formats the directories of a standalone node. */
export function format(file: string): Promise<Ended> {
  const words = ["format", "--standalone", "-t", "wYart7pTRQaBmxuySsmbIQ", "-c", file];
  return run("kafka-storage.sh", words);
}
