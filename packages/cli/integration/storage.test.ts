// kafka-storage.sh as scripts use it: what it prints on which stream, and its exit codes.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { build, format, nodeSettings, run, Scratch } from "./installation.ts";

const scratch = new Scratch();
const clusterId = "wYart7pTRQaBmxuySsmbIQ";
let settings: Record<string, string | number>;

before(() => {
  build();
  settings = nodeSettings([9092, 9093], scratch.file("one"));
});
after(() => scratch.remove());

function storage(...words: string[]): ReturnType<typeof run> {
  return run("kafka-storage.sh", words);
}

test("random-uuid prints 22 characters that are 16 bytes", async () => {
  const { code, out, err } = await storage("random-uuid");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^[A-Za-z0-9_-]{22}\n$/);
  assert.equal(Buffer.from(out.trim(), "base64url").length, 16);
});

test("usage errors name the missing argument on standard error, with exit code 1", async () => {
  const bare = await storage();
  assert.deepEqual([bare.code, bare.out], [1, ""]);
  assert.match(bare.err, /^usage: kafka-storage \[-h\]\n[^]*kafka-storage: error: too few arguments\n$/);
  const noCluster = await storage("format");
  assert.match(noCluster.err, /kafka-storage: error: argument --cluster-id\/-t is required\n$/);
  const both = await storage("format", "-s", "-N", "-t", clusterId, "-c", "x");
  assert.match(
    both.err,
    /argument  --no-initial-controllers\/-N:  not  allowed\nwith argument --standalone\/-s/,
  );
  assert.equal((await storage("--help")).code, 0);
});

test("a controller without configured voters must be told who votes", async () => {
  const file = scratch.properties("choice.properties", settings);
  const { code, out, err } = await storage("format", "-t", clusterId, "-c", file);
  assert.deepEqual([code, out], [1, ""]);
  const sentence =
    "Because controller.quorum.voters is not set on this controller, you must specify one of the following: " +
    "--standalone, --initial-controllers, or --no-initial-controllers.\n";
  assert.equal(err, sentence);
});

test("a directory is formatted once, inspected, and kept from other clusters", async () => {
  const directory = scratch.file("formatted");
  const file = scratch.properties("formatted.properties", { ...settings, "log.dirs": directory });
  const before = await storage("info", "-c", file);
  assert.deepEqual([before.code, before.out], [1, `Found problem:\n  ${directory} does not exist\n\n`]);

  const first = await format(file);
  assert.deepEqual([first.code, first.err], [0, ""]);
  const [bootstrap, line] = first.out.split("\n");
  assert.match(bootstrap ?? "", /^Bootstrap metadata: BootstrapMetadata\(records=\[ApiMessageAndVersion\(/);
  assert.match(bootstrap ?? "", /name='transaction.version', featureLevel=2\) at version 0\)\], metadata/);
  assert.equal(
    line,
    `Formatting dynamic metadata voter directory ${directory} with metadata.version 4.3-IV0.`,
  );
  const properties = readFileSync(join(directory, "meta.properties"), "utf8");
  const form = /^#\n#.* UTC \d{4}\nnode.id=1\ndirectory.id=([\w-]{22})\nversion=1\ncluster.id=([\w-]{22})\n$/;
  const [, directoryId, cluster] = form.exec(properties) ?? [];
  assert.equal(cluster, clusterId);
  for (const name of [
    "bootstrap.checkpoint",
    "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint",
  ]) {
    assert.ok(existsSync(join(directory, name)), name);
  }

  const info = await storage("info", "-c", file);
  const metadata = `{cluster.id=${clusterId}, directory.id=${directoryId}, node.id=1, version=1}`;
  assert.equal(info.out, `Found log directory:\n  ${directory}\n\nFound metadata: ${metadata}\n\n`);
  assert.equal(info.code, 0);

  const again = await format(file);
  assert.equal(again.code, 1);
  assert.equal(
    again.err,
    `Log directory ${directory} is already formatted. Use --ignore-formatted to ignore this directory and format the others.\n`,
  );
  const ignoring = ["format", "-s", "-g", "-c", file];
  const ignored = await storage(...ignoring, "-t", clusterId);
  assert.deepEqual([ignored.code, ignored.out], [0, "All of the log directories are already formatted.\n"]);
  const other = await storage(...ignoring, "-t", "AAAAAAAAAAAAAAAAAAAAAA");
  assert.equal(other.code, 1);
  assert.match(other.err, /^Invalid cluster.id in: .*meta.properties. Expected AAAAAAAAAAAAAAAAAAAAAA, but /);
});

test("every directory gets its own id; only the metadata directory gets the voters", async () => {
  const [one, two] = [scratch.file("two/a"), scratch.file("two/b")];
  const file = scratch.properties("two.properties", { ...settings, "log.dirs": `${one},${two}` });
  const { code, out } = await format(file);
  assert.equal(code, 0);
  assert.match(out, new RegExp(`Formatting data directory ${two} with metadata.version 4.3-IV0.\n`));
  const ids = [one, two].map(
    (path) => /directory.id=(.*)/.exec(readFileSync(join(path, "meta.properties"), "utf8"))?.[1],
  );
  assert.notEqual(ids[0], ids[1]);
  assert.ok(existsSync(join(two, "bootstrap.checkpoint")));
  assert.ok(!existsSync(join(two, "__cluster_metadata-0")));
});

test("configured voters make a metadata directory; release and feature levels are chosen", async () => {
  const directory = scratch.file("static");
  const file = scratch.properties("static.properties", {
    ...settings,
    "controller.quorum.voters": "1@localhost:9093",
    "log.dirs": directory,
  });
  const { code, out } = await storage("format", "-t", clusterId, "-r", "3.9", "-c", file);
  assert.equal(code, 0);
  const records =
    "records=[ApiMessageAndVersion(FeatureLevelRecord(name='metadata.version', featureLevel=21) at version 0)]";
  assert.ok(out.includes(records), out);
  assert.match(out, /Formatting metadata directory .*static with metadata.version 3.9-IV0.\n$/);
  const standalone = await format(file);
  assert.match(standalone.err, /^You cannot specify controller.quorum.voters and format the node with/);
});

test("what is wrong with the configuration is told with file and line", async () => {
  const missing = await storage("info", "-c", "nosuch.properties");
  assert.deepEqual([missing.code, missing.err], [1, "nosuch.properties: no such file\n"]);
  const file = scratch.file("typo.properties");
  writeFileSync(file, `${readFileSync(scratch.properties("base", settings), "utf8")}num.partition=3\n`);
  const { code, err } = await format(file);
  assert.equal(code, 1);
  assert.match(err, /typo.properties:7: num.partition: .*did you mean num.partitions\?/);
});

test("the tools work from any directory and through links", async () => {
  const link = scratch.file("kafka-storage.sh");
  symlinkSync(resolve(import.meta.dirname, "../../../bin/kafka-storage.sh"), link);
  mkdirSync(scratch.file("elsewhere"));
  const { code, out } = await run(link, ["random-uuid"], { cwd: scratch.file("elsewhere") });
  assert.equal(code, 0);
  assert.equal(out.length, 23);
});

test("version-mapping and feature-dependencies answer as Kafka's", async () => {
  const mapping = await storage("version-mapping", "-r", "3.7");
  assert.match(mapping.out, /^metadata.version=19 \(3.7\)\nkraft.version=0\ntransaction.version=0\n/);
  const unknown = await storage("version-mapping", "--release-version", "9.9");
  assert.match(unknown.err, /^Unknown metadata.version '9.9'. Supported metadata.version are: 3.3-IV3, /);
  const wanted = ["transaction.version=2", "eligible.leader.replicas.version=1"];
  const needs = await storage("feature-dependencies", ...wanted.flatMap((level) => ["-f", level]));
  assert.equal(
    needs.out,
    "transaction.version=2 has no dependencies.\n" +
      "eligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n",
  );
});
