// Runs a program to its end without holding up steps that run beside it.
import { spawn } from "node:child_process";

/** How a program ended, and what it said. */
export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly output: string;
  /** Standard output, then standard error, by line. */
  readonly lines: readonly string[];
}

/** What a program may be given beyond its arguments. */
export interface ProgramOptions {
  /** For its standard input, which else is empty. */
  readonly input?: string;
  readonly cwd?: string;
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this long it is killed; default: never. */
  readonly timeoutMs?: number;
}

/** Resolves at the end of the program; rejects when it cannot be started. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  const { input = "", cwd, env, timeoutMs } = options;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
    cwd,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.on("error", () => {
    // A program that has ended does not read the rest.
  });
  child.stdin.end(input);
  const status = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done(code));
  });
  return { status, output, lines: `${output}\n${errors}`.trim().split("\n") };
}

/** Standard output of a program that must succeed; throws with the end of what it said. */
export async function outputOf(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { status, output, lines } = await runProgram(program, args, options);
  if (status === 0) return output;
  throw new Error(`${program} ${args.join(" ")}: exit ${status}\n${lines.join("\n").slice(-2000)}`);
}
