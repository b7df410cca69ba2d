// Runs a program to its end without holding up steps that run beside it.
import { spawn } from "node:child_process";

/** How a program ended, and what it said. */
export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly status: number | null;
  /** Standard output, then standard error, by line. */
  readonly lines: readonly string[];
}

/** Resolves at the end of the program; rejects when it cannot be started. */
export async function runProgram(program: string, args: readonly string[]): Promise<ProgramEnd> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const status = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done(code));
  });
  return { status, lines: `${output}\n${errors}`.trim().split("\n") };
}
