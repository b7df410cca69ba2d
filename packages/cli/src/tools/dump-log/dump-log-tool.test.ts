// The golden data directory, dumped: what Apache Kafka's tool prints of it, byte for byte. The file
// goldens/expected.json holds options, files and, of what that tool wrote with /tmp/golden as its working
// directory, lines and SHA-256 of standard output and all of standard error.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createNodePorts, type Disk } from "@ottla/ports";
import type { ToolHost } from "../../options/tool-host.ts";
import { runTool, type ToolRun } from "../testing/tool-run.ts";
import { dumpLogTool } from "./dump-log-tool.ts";

interface Expected {
  readonly options: readonly string[];
  readonly files: readonly string[];
  readonly lines: number;
  readonly stdout: string;
  readonly stderr: string;
}

const WORKING_DIRECTORY = "/tmp/golden/";
const data = fileURLToPath(new URL("../../../../protocol/goldens/segments/data/", import.meta.url));
const expectedFile = new URL("goldens/expected.json", import.meta.url);

/** The golden files where Apache Kafka's tool found them: in a directory of that name. */
function goldenHost(): Partial<ToolHost> {
  const ports = createNodePorts();
  const real = (path: string): string => path.replace(WORKING_DIRECTORY, data);
  const disk: Disk = Object.create(ports.disk, {
    open: { value: (path: string, mode: "read") => ports.disk.open(real(path), mode) },
  });
  return {
    ports: { ...ports, disk },
    absolutePath: (path) => (path.startsWith("/") ? path : WORKING_DIRECTORY + path),
  };
}

function dump(...words: readonly string[]): Promise<ToolRun> {
  return runTool(dumpLogTool, words, [], goldenHost());
}

for (const golden of JSON.parse(readFileSync(expectedFile, "utf8")) as Expected[]) {
  const about = `${golden.options.join(" ")} ${golden.files.length} files from ${golden.files[0]}`;
  test(`a dump equals that of Apache Kafka: ${about}`, async () => {
    const { code, out, err } = await dump(...golden.options, golden.files.join(","));
    assert.equal(code, 0);
    assert.equal(out.split("\n").length - 1, golden.lines);
    assert.equal(createHash("sha256").update(out).digest("hex"), golden.stdout, out.slice(0, 2000));
    assert.equal(err, golden.stderr);
  });
}

test("a file that is not there ends the tool, after what came before it", async () => {
  const { code, out, err } = await dump("--files", "three-0/00000000000000000000.timeindex,gone/00.log");
  assert.equal(code, 1);
  assert(out.endsWith("Dumping gone/00.log\nLog starting offset: 0\n"), out);
  assert.equal(err, 'Exception in thread "main" java.nio.file.NoSuchFileException: gone/00.log\n');
});

test("a name without an offset ends the tool", async () => {
  const { code, err } = await dump("--files", "nosuch.log");
  assert.equal(code, 1);
  assert.equal(
    err,
    'Exception in thread "main" java.lang.NumberFormatException: For input string: "nosuch"\n',
  );
});

test("files are required", async () => {
  const { code, out, err } = await dump("--print-data-log");
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(err, /^Missing required argument "\[files\]"\nOption +Description/);
});

test("integers and longs are shown by their decoders", async () => {
  const log = "three-0/00000000000000000000.log";
  const name = (decoder: string): string => `org.apache.kafka.tools.api.${decoder}`;
  const { code, out } = await dump("--value-decoder-class", name("LongDecoder"), "--files", log);
  assert.equal(code, 0);
  assert.match(out, /key: t11 payload: -?\d+\n/);
  const failed = await dump("--key-decoder-class", name("LongDecoder"), "--files", log);
  assert.equal(failed.code, 1);
  assert.equal(failed.err, 'Exception in thread "main" java.nio.BufferUnderflowException\n');
  const unknown = await dump("--value-decoder-class", "nosuch.Decoder", "--files", log);
  assert.match(unknown.err, /Failed to load decoder class\nCaused by: .*: nosuch\.Decoder\n$/);
});
