// The console tools against a broker in memory, where a transcript cannot show it: signals, terminals, and
// readers that are slow or gone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type StartedBroker, startBroker } from "@ottla/testkit";
import type { ToolHost } from "../src/options/tool-host.ts";
import { consoleConsumerTool } from "../src/tools/console-consumer/console-consumer-tool.ts";
import { consoleProducerTool } from "../src/tools/console-producer/console-producer-tool.ts";
import { type CollectingHost, collectingHost, runTool, type ToolRun } from "../src/tools/testing/tool-run.ts";
import { verifiableConsumerTool } from "../src/tools/verifiable-consumer/verifiable-consumer-tool.ts";

const MANY = 20_000;
const WAIT_MS = 10;

let broker: StartedBroker;
let servers: readonly string[];

before(async () => {
  broker = await startBroker();
  servers = ["--bootstrap-server", broker.bootstrap];
});

after(() => broker.stop());

function produce(topic: string, text: string, overrides: Partial<ToolHost> = {}): Promise<ToolRun> {
  return runTool(consoleProducerTool, ["--topic", topic, ...servers], [Buffer.from(text)], overrides);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
}

function consume(host: CollectingHost, ...words: readonly string[]): Promise<number> {
  return consoleConsumerTool([...words, ...servers, "--from-beginning"], host.host);
}

test("SIGINT and SIGTERM end a consumer with 130 and 143, and the count", async () => {
  await produce("stopped", "one\ntwo\n");
  for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
    const host = collectingHost();
    const ended = consume(host, "--topic", "stopped");
    await until(() => host.out() === "one\ntwo\n");
    host.signal(signal);
    assert.equal(await ended, code);
    assert.match(host.err(), /\nProcessed a total of 2 messages\n$/);
  }
});

test("a signal ends a producer that waits for a line, after what it read was sent", async () => {
  let isRead = false;
  const input = (async function* () {
    yield Buffer.from("whole\nhalf");
    isRead = true;
    await new Promise<never>(() => {});
  })();
  const host = collectingHost(input);
  const ended = consoleProducerTool(["--topic", "interrupted", ...servers], host.host);
  await until(() => isRead);
  host.signal("SIGINT");
  assert.equal(await ended, 130);
  const reader = collectingHost();
  assert.equal(await consume(reader, "--topic", "interrupted", "--max-messages", "1"), 0);
  assert.equal(reader.out(), "whole\n");
});

test("a prompt stands before each line where both ends are a terminal", async () => {
  const input: ToolHost["input"] = {
    isTerminal: true,
    async *chunks() {
      yield Buffer.from("one\ntwo\n");
    },
  };
  assert.equal((await produce("prompted", "", { outIsTerminal: true, input })).out, ">>>");
  assert.equal((await produce("prompted", "", { input })).out, "");
});

test("no poll while standard output is full", async () => {
  await produce("slow", "x\n".repeat(MANY));
  let release = (): void => {};
  const full = new Promise<void>((resolve) => {
    release = resolve;
  });
  const host = collectingHost([], { drained: () => full });
  const ended = consume(host, "--topic", "slow", "--max-messages", String(MANY));
  await until(() => host.out() !== "");
  await new Promise((resolve) => setTimeout(resolve, 10 * WAIT_MS));
  assert.equal(host.out(), "x\n".repeat(500));
  release();
  assert.equal(await ended, 0);
  assert.equal(host.out().length, 2 * MANY);
});

test("a consumer whose reader is gone closes and is no failure", async () => {
  await produce("unread", "one\n");
  let close = (): void => {};
  const host = collectingHost([], {
    onOutClosed: (listener) => {
      close = listener;
      return () => {};
    },
  });
  const ended = consume(host, "--topic", "unread");
  await until(() => host.out() === "one\n");
  close();
  assert.equal(await ended, 0);
  assert.match(
    host.err(),
    /Unable to write to standard out, closing consumer\.\nProcessed a total of 1 messages\n$/,
  );
});

test("a verifiable consumer tells of the request to stop before it stops", async () => {
  await produce("verified", "one\n");
  const host = collectingHost();
  const ended = verifiableConsumerTool(["--topic", "verified", "--group-id", "v", ...servers], host.host);
  await until(() => host.out().includes("offsets_committed"));
  host.signal("SIGTERM");
  assert.equal(await ended, 143);
  const events = host.out().trimEnd().split("\n");
  const names = events.map((event) => (JSON.parse(event) as { name: string }).name);
  assert.deepEqual(names, [
    "startup_complete",
    "partitions_assigned",
    "records_consumed",
    "offsets_committed",
    "shutdown_requested",
    "partitions_revoked",
    "shutdown_complete",
  ]);
});
