import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import { apiKeys } from "@ottla/protocol";
import { type LocalController, LocalControllerChannel } from "./controller-channel.ts";

type Answer = (response: unknown) => void;

function channel() {
  const world = new FakeWorld({ seed: 2 });
  const { turn } = world.node("n").ports;
  const asked: Answer[] = [];
  const whenPublished: (() => void)[] = [];
  const controller = {
    submit: (_context: unknown, _request: unknown, answer: Answer) => void asked.push(answer),
  } as unknown as LocalController["controller"];
  const loader = { whenPublished: (callback: () => void) => void whenPublished.push(callback) };
  const answered: number[] = [];
  const own = new LocalControllerChannel({ controller, loader }, turn);
  const submit = (apiKey: number): void =>
    own.submit({ apiKey, apiVersion: 0, principal: "User:a", clientId: null }, {}, () =>
      answered.push(apiKey),
    );
  return { world, asked, whenPublished, answered, submit };
}

test("a client is answered once this node has done what was decided", () => {
  const { world, asked, whenPublished, answered, submit } = channel();
  submit(apiKeys.CreateTopics);
  asked[0]?.({});
  world.run({ ms: 1000 });
  assert.deepEqual(answered, []);
  for (const callback of whenPublished) callback();
  assert.deepEqual(answered, [apiKeys.CreateTopics]);
});

test("a broker's heartbeat is answered while the node is still at it, or its session would end", () => {
  const { world, asked, answered, submit } = channel();
  submit(apiKeys.BrokerHeartbeat);
  submit(apiKeys.AllocateProducerIds);
  for (const answer of asked) answer({});
  assert.deepEqual(answered, [], "never inside a call");
  world.run({ ms: 1000 });
  assert.deepEqual(answered, [apiKeys.BrokerHeartbeat, apiKeys.AllocateProducerIds]);
});
