// Kafka's quickstart and what users' notes of Kafka 0.9 to 4.0 type, word for word, ports and paths included:
// format, start, create, describe, produce, consume, groups, kill -9, start, consume. The tests are one walk
// and build on each other; what users do with topics of their own they do at the same time, as each waits
// mostly for the three seconds that a new group of the shipped configuration waits for further members.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import { build } from "../installation.ts";
import { type LineResult, PrivateMachine, whyNoPrivateMachine } from "./private-machine.ts";

const reason = whyNoPrivateMachine();
if (reason !== null) console.log(`SKIP the walk: ${reason}`);
const options = { skip: reason ?? false };
const at = "--bootstrap-server localhost:9092";

let machine: PrivateMachine;
let isStarted = false;

before(async () => {
  build();
  if (reason !== null) return;
  machine = await PrivateMachine.start();
  isStarted = true;
});

after(async () => {
  if (isStarted) await machine.stop();
});

function succeeded(result: LineResult): string {
  assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
  return result.stdout;
}

async function run(text: string, more: { input?: string; folder?: string } = {}): Promise<string> {
  return succeeded(await machine.line(text, more));
}

/** Reads `count` records of a topic; fewer when no more come. */
async function consumed(topic: string, count: number, more = "--from-beginning"): Promise<string[]> {
  const text = await run(
    `bin/kafka-console-consumer.sh ${at} --topic ${topic} ${more} --max-messages ${count} --timeout-ms 9000 2>/dev/null`,
  );
  return text === "" ? [] : text.trimEnd().split("\n");
}

async function serverPid(): Promise<string> {
  const list = await run("ps -A -ww -o pid=,args=");
  const line = list.split("\n").find((one) => one.includes("server-start") && !one.includes("bash -c"));
  return line?.trim().split(/\s+/)[0] ?? "";
}

test("a start without formatting names meta.properties and the format command", options, async () => {
  const { code, stdout, stderr } = await machine.line(
    "bin/kafka-server-start.sh config/kraft/server.properties",
  );
  assert.equal(code, 1);
  assert.match(stdout + stderr, /No `meta\.properties` found in \/tmp\/kraft-combined-logs.*format/);
});

test("random-uuid prints an id of 16 bytes", options, async () => {
  const id = (await run("./kafka-storage.sh random-uuid", { folder: "bin" })).trimEnd();
  assert.match(id, /^[A-Za-z0-9_-]{22}$/);
  assert.equal(Buffer.from(id, "base64url").length, 16);
});

test(
  "the notes' format line works, the shipped server.properties asks for --standalone",
  options,
  async () => {
    const plain = await machine.line(
      "bin/kafka-storage.sh format -t oSDmOeaRRdCKM3xV6Nfjqw -c config/server.properties",
    );
    assert.equal(plain.code, 1);
    assert.match(plain.stdout + plain.stderr, /controller\.quorum\.voters is not set on this controller/);
    const text = await run(
      "./kafka-storage.sh format -t wYart7pTRQaBmxuySsmbIQ -c ../config/kraft/server.properties",
      {
        folder: "bin",
      },
    );
    assert.match(text, /^Formatting metadata directory \/tmp\/kraft-combined-logs with metadata\.version/m);
  },
);

test(
  "the server starts from its folder, logs in Kafka's form and is found by its file's name",
  options,
  async () => {
    await machine.startServer("./kafka-server-start.sh ../config/kraft/server.properties", "bin");
    const lines = readFileSync(machine.serverLog, "utf8").trimEnd().split("\n");
    assert.match(lines[0] ?? "", /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] [A-Z]+ .* \(.*\)$/);
    assert.match(
      lines.join("\n"),
      /\[KafkaRaftServer nodeId=1\] Kafka Server started \(kafka\.server\.KafkaRaftServer\)/,
    );
    assert.match(await run("ps -ef | grep kraft/server.properties | grep -v grep"), /server\.properties/);
  },
);

test("the stop script ends it, and says so when there is none", options, async () => {
  assert.equal(await run("./kafka-server-stop.sh ../config/server.properties", { folder: "bin" }), "");
  await machine.until(async () => (await serverPid()) === "", "the end of the server");
  const again = await machine.line("bin/kafka-server-stop.sh");
  assert.equal(again.code, 1);
  assert.equal((again.stdout + again.stderr).trimEnd(), "No kafka server to stop");
  await machine.startServer("bin/kafka-server-start.sh config/kraft/server.properties");
});

test("notes that start ZooKeeper learn what to type instead", options, async () => {
  const started = await machine.line("bin/zookeeper-server-start.sh config/zookeeper.properties");
  assert.deepEqual([started.code, started.stdout], [1, ""]);
  assert.match(started.stderr, /^There is no ZooKeeper to start/);
  for (const line of [
    "bin/kafka-storage.sh format --standalone -t",
    "bin/kafka-server-start.sh config/server.properties",
  ])
    assert.ok(started.stderr.includes(line), started.stderr);
  const stopped = await machine.line("./zookeeper-server-stop.sh ../config/zookeeper.properties", {
    folder: "bin",
  });
  assert.deepEqual([stopped.code, stopped.stdout], [1, "No zookeeper server to stop\n"]);
  assert.match(stopped.stderr, /kafka-server-stop\.sh/);
});

test("quickstart-events is created and described", options, async () => {
  const create = `bin/kafka-topics.sh --create --topic quickstart-events ${at}`;
  assert.equal(await run(create), "Created topic quickstart-events.\n");
  const again = await machine.line(create);
  assert.equal(again.code, 1);
  assert.match(again.stdout, /Topic 'quickstart-events' already exists\./);
  const described = await run(`bin/kafka-topics.sh --describe --topic quickstart-events ${at}`);
  assert.match(
    described,
    /^Topic: quickstart-events\tTopicId: [A-Za-z0-9_-]{22}\tPartitionCount: 1\tReplicationFactor: 1\tConfigs: .*\n/,
  );
  assert.match(
    described,
    /^\tTopic: quickstart-events\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: $/m,
  );
  const bare = await machine.line("bin/kafka-topics.sh");
  assert.equal(bare.code, 1);
  assert.match(bare.stderr, /--create[^]*--topic <String: topic>/);
  assert.match(bare.stderr, /--bootstrap-server <String: server to/);
});

async function readTwoEvents(): Promise<void> {
  const events = ["This is my first event", "This is my second event"];
  const produced = await run(`./kafka-console-producer.sh --topic quickstart-events ${at}`, {
    folder: "bin",
    input: `${events.join("\n")}\n`,
  });
  assert.equal(produced, "");
  for (let time = 0; time < 3; time++) assert.deepEqual(await consumed("quickstart-events", 2), events);
  const shown = machine.file("interrupted");
  writeFileSync(shown, "");
  const reading = machine.line(
    `./kafka-console-consumer.sh --topic quickstart-events --from-beginning ${at} >'${shown}'`,
    { folder: "bin" },
  );
  const printed = `${events.join("\n")}\n`;
  await machine.until(() => readFileSync(shown, "utf8") === printed, "both events on the terminal");
  await run("pkill -INT -f 'console-consumer.js --topic quickstart-events'");
  const interrupted = await reading;
  assert.equal(interrupted.code, 130);
  assert.match(interrupted.stderr, /Processed a total of 2 messages/);
}

async function runSeckillLines(): Promise<void> {
  const created = await run(`bin/kafka-topics.sh --create --topic seckill ${at}`);
  assert.equal(created, "Created topic seckill.\n");
  await run(`bin/kafka-console-producer.sh --topic seckill ${at}`, {
    input: "This is my first event\nThis is my second event\n",
  });
  assert.deepEqual(await consumed("seckill", 2), ["This is my first event", "This is my second event"]);
}

async function runLinesOfKafka09(): Promise<void> {
  const create =
    "bin/kafka-topics.sh --create --zookeeper localhost:2181 --replication-factor 1 --partitions 1 --topic test";
  const strict = await machine.line(`KAFKA_STRICT_CLI=1 ${create}`);
  assert.equal(strict.code, 1);
  assert.match(strict.stderr, /zookeeper is not a recognized option/);
  const created = await machine.line(create);
  assert.equal(succeeded(created), "Created topic test.\n");
  assert.equal(created.stderr.trimEnd().split("\n").length, 1, created.stderr);
  assert.match(await run("bin/kafka-topics.sh --list --zookeeper localhost:2181 2>/dev/null"), /^test$/m);
  const described = await run(
    "bin/kafka-topics.sh --describe --zookeeper localhost:2181 --topic test 2>/dev/null",
  );
  assert.match(described, /Leader: 1\tReplicas: 1\tIsr: 1/);
  const produced = await machine.line(
    "bin/kafka-console-producer.sh --broker-list localhost:9092 --topic test",
    {
      input: "This is a message\nThis is another message\n",
    },
  );
  succeeded(produced);
  assert.match(produced.stderr, /broker-list/);
  const both = ["This is a message", "This is another message"];
  const old = await run(
    "bin/kafka-console-consumer.sh --zookeeper localhost:2181 --topic test --from-beginning --max-messages 2 2>/dev/null",
  );
  assert.deepEqual(old.trimEnd().split("\n"), both);
  assert.deepEqual(await consumed("test", 2), both);
}

async function createByFirstWrite(): Promise<void> {
  await run(`bin/kafka-console-producer.sh --topic first-write ${at}`, { input: "hello\n" });
  assert.match(
    await run(`bin/kafka-topics.sh --describe --topic first-write ${at}`),
    /PartitionCount: 1\tReplicationFactor: 1/,
  );
}

async function keepKeyTimeAndHeader(): Promise<void> {
  await run(`bin/kafka-topics.sh --create --topic payments ${at}`);
  await run(
    `bin/kafka-console-producer.sh --topic payments ${at} --reader-property parse.key=true --reader-property parse.headers=true`,
    { input: "h:v\tAlice\tMade a payment of $200 to Bob\n" },
  );
  const shown = await consumed(
    "payments",
    1,
    "--from-beginning --formatter-property print.key=true --formatter-property print.timestamp=true --formatter-property print.headers=true",
  );
  assert.equal(shown.length, 1);
  assert.match(shown[0] ?? "", /^CreateTime:\d{13}\th:v\tAlice\tMade a payment of \$200 to Bob$/);
  const time = /CreateTime:(\d+)/.exec(shown[0] ?? "")?.[1];
  const found = await run(`bin/kafka-get-offsets.sh ${at} --topic payments --time ${time}`);
  assert.equal(found, "payments:0:0\n");
  // Its time as the documentation tells it; the console producer sets none.
  await run(
    `node_modules/.bin/node --conditions=@ottla/source packages/cli/integration/walk/send-payment.ts`,
  );
  const told = await run(`bin/kafka-get-offsets.sh ${at} --topic payments --time 1593093960000`);
  assert.equal(told, "payments:0:0\n");
  const both = await consumed("payments", 2, "--from-beginning --formatter-property print.timestamp=true");
  assert.equal(both[1], "CreateTime:1593093960000\tMade a payment of $200 to Bob");
}

async function keepOrder(): Promise<void> {
  await run(`bin/kafka-topics.sh --create --topic ordered --partitions 3 ${at}`);
  const keyed = Array.from({ length: 10_000 }, (_, index) => `key-${index % 17}\t${index}\n`).join("");
  await run(`bin/kafka-console-producer.sh --topic ordered ${at} --reader-property parse.key=true`, {
    input: keyed,
  });
  const shown = await consumed(
    "ordered",
    10_000,
    "--from-beginning --formatter-property print.key=true --formatter-property print.partition=true",
  );
  assert.equal(shown.length, 10_000);
  const last = new Map<string, number>();
  const partitionOf = new Map<string, string>();
  for (const line of shown) {
    const [partition = "", key = "", value = ""] = line.split("\t");
    assert.ok(Number(value) > (last.get(partition) ?? -1), line);
    last.set(partition, Number(value));
    assert.equal(partitionOf.get(key) ?? partition, partition, "one key, one partition");
    partitionOf.set(key, partition);
  }
  assert.equal(last.size, 3);
  await run(`bin/kafka-topics.sh --create --topic keyless --partitions 3 ${at}`);
  const keyless = Array.from({ length: 30_000 }, (_, index) => `a record without a key ${index}\n`).join("");
  await run(`bin/kafka-console-producer.sh --topic keyless ${at}`, { input: keyless });
  const ends = (await run(`bin/kafka-get-offsets.sh ${at} --topic keyless`)).trimEnd().split("\n");
  assert.equal(ends.length, 3);
  assert.ok(
    ends.every((line) => Number(line.split(":")[2]) > 0),
    ends.join(" "),
  );
}

async function shareInGroups(): Promise<void> {
  await run(`bin/kafka-topics.sh --create --topic shared --partitions 3 ${at}`);
  const member =
    "bin/kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic shared --group g --from-beginning " +
    "--command-property session.timeout.ms=6000 --command-property heartbeat.interval.ms=1000";
  for (const name of ["one", "two"]) {
    const output = `'${machine.file(name)}'`;
    await machine.line(`${member} --command-property client.id=${name} >${output} 2>&1 </dev/null &`);
  }
  const described = (): Promise<string> =>
    run(`bin/kafka-consumer-groups.sh ${at} --describe --group g 2>/dev/null`);
  const owners = async (): Promise<string[]> => {
    const rows = (await described()).split("\n").filter((line) => line.startsWith("g "));
    return rows.map((row) => row.trim().split(/\s+/).at(-1) ?? "").toSorted();
  };
  await machine.until(async () => new Set(await owners()).size === 2, "two members with partitions");
  assert.equal((await owners()).length, 3);
  const records = Array.from({ length: 3000 }, (_, index) => `k${index}\t${index}\n`).join("");
  await run(`bin/kafka-console-producer.sh --topic shared ${at} --reader-property parse.key=true`, {
    input: records,
  });
  const read = (): string[] =>
    ["one", "two"].flatMap((name) => readFileSync(machine.file(name), "utf8").match(/^\d+$/gm) ?? []);
  await machine.until(() => read().length >= 3000, "every record read by one of the two");
  assert.equal(new Set(read()).size, 3000);
  assert.equal(read().length, 3000, "no record is read by both");

  await run("pkill -9 -f client.id=one");
  await machine.until(async () => (await owners()).every((owner) => owner === "two"), "the take-over");
  await run("pkill -INT -f client.id=two");
  await machine.until(async () => (await owners()).every((owner) => owner === "-"), "an empty group");
  const reset = await run(
    `bin/kafka-consumer-groups.sh ${at} --reset-offsets --group g --topic shared:0 --to-offset 1 --execute`,
  );
  assert.match(reset, /g\s+shared\s+0\s+1/);
  const [, wanted = ""] = (await run(`bin/kafka-get-offsets.sh ${at} --topic-partitions shared:0`)).split(
    ":0:",
  );
  assert.equal((await consumed("shared", Number(wanted) - 1, "--group g")).length, Number(wanted) - 1);
  assert.equal((await consumed("shared", 3000, "--group another --from-beginning")).length, 3000);
}

suite("meanwhile", { concurrency: true }, () => {
  test("two events are written and read, again and again", options, readTwoEvents);
  test("the notes' seckill lines work", options, runSeckillLines);
  test(
    "the lines of Kafka 0.9 work with a word of warning, or are refused when strict",
    options,
    runLinesOfKafka09,
  );
  test("a topic is created by the first write", options, createByFirstWrite);
  test("key, value, timestamp and header of an event are kept and shown", options, keepKeyTimeAndHeader);
  test("order is kept inside a partition, and keyless records spread", options, keepOrder);
  test(
    "groups share partitions, a killed member's go to the other, offsets are reset",
    options,
    shareInGroups,
  );
});

test("a console consumer without a group gets one of its own", options, async () => {
  const groups = async (): Promise<string[]> =>
    (await run(`bin/kafka-consumer-groups.sh ${at} --list`)).match(/^console-consumer-\d+$/gm) ?? [];
  const before = await groups();
  const reading = machine.line(`bin/kafka-console-consumer.sh ${at} --topic shared`);
  await machine.until(
    async () => (await groups()).some((group) => !before.includes(group)),
    "the group of a console consumer without a name",
  );
  await run("pkill -INT -f 'console-consumer.js --bootstrap-server localhost:9092 --topic shared$'");
  assert.equal((await reading).code, 130);
});

test(
  "a partition is a folder that kafka-dump-log reads; segments roll at segment.bytes",
  options,
  async () => {
    const files = readdirSync(`${machine.data}/quickstart-events-0`);
    for (const name of [
      "00000000000000000000.log",
      "00000000000000000000.index",
      "00000000000000000000.timeindex",
      "leader-epoch-checkpoint",
      "partition.metadata",
    ]) {
      assert.ok(files.includes(name), `${name} of ${files.join(" ")}`);
    }
    const dumped = await run(
      "bin/kafka-dump-log.sh --print-data-log --files /tmp/kraft-combined-logs/quickstart-events-0/00000000000000000000.log",
    );
    assert.match(dumped, /\| offset: 0 [^]*\| offset: 1 /);
    await run(`bin/kafka-topics.sh --create --topic rolled --config segment.bytes=1048576 ${at}`);
    await run(
      `bin/kafka-producer-perf-test.sh --topic rolled --num-records 3000 --record-size 1000 --throughput -1 ${at}`,
    );
    const logs = readdirSync(`${machine.data}/rolled-0`).filter((name) => name.endsWith(".log"));
    assert.ok(logs.length >= 2, logs.join(" "));
  },
);

test("after kill -9 the same start line brings everything back", options, async () => {
  await run(`kill -9 ${await serverPid()}`);
  await machine.startServer("bin/kafka-server-start.sh config/kraft/server.properties");
  assert.deepEqual(await consumed("quickstart-events", 2), [
    "This is my first event",
    "This is my second event",
  ]);
  assert.equal((await consumed("ordered", 10_000)).length, 10_000);
  assert.match(
    await run(`bin/kafka-consumer-groups.sh ${at} --describe --group g 2>/dev/null`),
    /shared\s+0\s+\d+/,
  );
});

test(
  "advertised.listeners may not be 0.0.0.0, broker.id, port and log.dir are understood",
  options,
  async () => {
    const write = (name: string, lines: readonly string[]): string => {
      writeFileSync(machine.file(name), `${lines.join("\n")}\n`);
      return machine.file(name);
    };
    const shipped = readFileSync(
      new URL("../../../../config/kraft/server.properties", import.meta.url),
      "utf8",
    );
    const nowhere = write("nowhere.properties", [shipped, "advertised.listeners=PLAINTEXT://0.0.0.0:9092"]);
    const refused = await machine.line(`bin/kafka-server-start.sh ${nowhere}`);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stdout + refused.stderr,
      /advertised\.listeners cannot use the nonroutable meta-address 0\.0\.0\.0\. Use a routable IP address\./,
    );
    mkdirSync(machine.file("old"));
    const old = write("server-0.properties", [
      "broker.id=0",
      "port=9095",
      `log.dir=${machine.file("old")}`,
      "offsets.topic.replication.factor=1",
    ]);
    await run(`bin/kafka-storage.sh format -t wYart7pTRQaBmxuySsmbIQ -c ${old}`);
    await machine.startServer(`bin/kafka-server-start.sh ${old}`);
    await run("bin/kafka-topics.sh --create --topic test --bootstrap-server localhost:9095");
    const described = await run(
      "bin/kafka-topics.sh --describe --topic test --bootstrap-server localhost:9095",
    );
    assert.match(described, /Leader: 0\tReplicas: 0\tIsr: 0/);
  },
);

test("a host name that nobody knows stops no start; a line in /etc/hosts is the cure", options, async () => {
  const file = machine.file("unknown-host.properties");
  mkdirSync(machine.file("unknown-host"));
  const settings = ["broker.id=0", "port=9195", `log.dir=${machine.file("unknown-host")}`];
  writeFileSync(file, `${[...settings, "offsets.topic.replication.factor=1"].join("\n")}\n`);
  await run(`bin/kafka-storage.sh format -t wYart7pTRQaBmxuySsmbIQ -c ${file}`);
  await run("hostname nobody-knows-this-host");
  await machine.startServer(`bin/kafka-server-start.sh ${file}`);
  const list = "timeout 30 bin/kafka-topics.sh --list --bootstrap-server";
  const unknown = await machine.line(`${list} nobody-knows-this-host:9195`);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /nobody-knows-this-host/);
  await run("echo '127.0.0.1 localhost nobody-knows-this-host' >/etc/hosts");
  await run("bin/kafka-topics.sh --create --topic test --bootstrap-server localhost:9195");
  assert.equal(await run(`${list} nobody-knows-this-host:9195`), "test\n");
});
