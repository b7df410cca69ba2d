// Runs a dump with Apache Kafka's kafka-dump-log and with ours, and says where they differ: standard output
// line by line, standard error without Java's frames, exit codes.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { apacheKafkaScript } from "../apache-kafka.ts";
import { outputOf } from "../steps/run-program.ts";
import { explainedDifferences } from "./explained-differences.ts";

const root = join(import.meta.dirname, "..", "..");
const runsAtATime = 2;

/** One run of the tool. */
export interface Dump {
  readonly name: string;
  readonly words: readonly string[];
}

/** What it printed. */
interface Printed {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Where the two differ, by name; nothing where they do not. `directory`: where both run. */
export async function differences(
  dumps: readonly Dump[],
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const [theirs, ours] = [await apacheDumps(dumps, directory), await ottlaDumps(dumps, directory)];
  const found = new Map<string, string>();
  for (const [index, { name }] of dumps.entries()) {
    const [apache, ottla] = [theirs[index], ours[index]];
    if (apache === undefined || ottla === undefined) throw new Error(`${name} was not dumped`);
    const difference = differenceOf(apache, ottla);
    if (difference !== null) found.set(name, difference);
  }
  return found;
}

function differenceOf(apache: Printed, ottla: Printed): string | null {
  if (apache.code !== ottla.code) {
    return `exit code ${apache.code}, ours ${ottla.code}\n${apache.errors}---\n${ottla.errors}`;
  }
  const parts = ["output", "errors"] as const;
  for (const part of parts) {
    const [theirs, ours] = [apache[part].split("\n"), ottla[part].split("\n")];
    for (let line = 0; line < Math.max(theirs.length, ours.length); line++) {
      if (theirs[line] === ours[line]) continue;
      if (isExplained(theirs[line] ?? "", ours[line] ?? "")) {
        // Java names causes, too.
        if (part === "errors") break;
        continue;
      }
      return `${part}, line ${line + 1}:\n  ${theirs[line] ?? "(end)"}\nours:\n  ${ours[line] ?? "(end)"}`;
    }
  }
  return null;
}

function isExplained(theirs: string, ours: string): boolean {
  return explainedDifferences.some((each) => each.theirs.test(theirs) && each.ours.test(ours));
}

/** All in one process of Java's: its start takes longer than a dump. */
async function apacheDumps(dumps: readonly Dump[], directory: string): Promise<readonly Printed[]> {
  const classPath = (await outputOf(apacheKafkaScript, ["classpath"])).trim();
  const source = join(import.meta.dirname, "dump-many.java");
  const java = ["-Xmx512M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable"];
  const child = spawn("java", [...java, "-cp", classPath, source], { cwd: directory });
  child.stdin.end(dumps.map(({ words }) => `${words.join("\t")}\n`).join(""));
  const bytes = await bytesOf(child);
  const printed: Printed[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(10, at);
    const [code = 0, output = 0, errors = 0] = bytes.toString("utf8", at, lineEnd).split(" ").map(Number);
    const outputAt = lineEnd + 1;
    printed.push({
      code,
      output: bytes.toString("utf8", outputAt, outputAt + output),
      errors: withoutFrames(bytes.toString("utf8", outputAt + output, outputAt + output + errors)),
    });
    at = outputAt + output + errors;
  }
  return printed;
}

async function ottlaDumps(dumps: readonly Dump[], directory: string): Promise<readonly Printed[]> {
  const printed: Printed[] = [];
  const queue = dumps.entries();
  const lane = async (): Promise<void> => {
    for (const [index, { words }] of queue) {
      const child = spawn(join(root, "bin", "kafka-dump-log.sh"), words, { cwd: directory });
      const errors = textOf(child.stderr);
      const output = (await bytesOf(child)).toString("utf8");
      printed[index] = { code: child.exitCode ?? -1, output, errors: await errors };
    }
  };
  await Promise.all(Array.from({ length: runsAtATime }, lane));
  return printed;
}

async function bytesOf(child: ChildProcess): Promise<Buffer> {
  const parts: Buffer[] = [];
  child.stdout?.on("data", (part: Buffer) => parts.push(part));
  await new Promise<void>((done, failed) => {
    child.once("error", failed);
    child.once("close", () => done());
  });
  return Buffer.concat(parts);
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await new Promise<void>((done) => stream?.once("close", () => done()));
  return text;
}

/** What a tool without a JVM has none of. */
function withoutFrames(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s+(?:at |\.\.\. \d+ more)/.test(line))
    .join("\n");
}
