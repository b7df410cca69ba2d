// Mutated requests of every served API and version, sent to a whole broker of a fake world. Whatever comes,
// the broker answers or closes the connection: no handler fails, the process does not stop, memory of frames
// is given back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiKey, apiCodecs } from "@ottla/protocol";
import { RequestServer } from "../request-server.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { FakeClient, requestFrame } from "../testing/fake-client.ts";
import { apiTable } from "./api-table.ts";

const mutantsPerVersion = 40;
/** These need partitions and logs, which this broker has not; package testkit sends them to a whole node. */
const dataPlane = new Set([0, 1, 2, 22, 23]);

for (const entry of apiTable.filter(({ key }) => !dataPlane.has(key))) {
  test(`${entry.name}: mutated requests are answered or close the connection`, () => {
    const control = controlPlaneBroker({
      seed: entry.key + 1,
      settings: {
        listeners: "PLAINTEXT://broker-1:9092,CONTROLLER://broker-1:9093",
        "max.connection.creation.rate": "1000000",
      },
    });
    const { world, broker } = control;
    const server = new RequestServer(broker);
    server.listen(broker.config.listeners, () => server.startAccepting());
    const clientNode = world.node("client");
    const port = entry.listeners.includes("broker") ? 9092 : 9093;
    const { random } = world;
    for (let version = entry.minVersion; version <= entry.maxVersion; version++) {
      const sound = requestFrame(entry.key, version, {});
      for (let count = 0; count < mutantsPerVersion; count++) {
        const frame = mutate(sound, (bound) => random.below(bound));
        const client = FakeClient.connect(world, clientNode, "broker-1", port);
        client.send(frame);
        client.receive(200);
        client.end();
        for (const asked of control.asked.splice(0)) {
          asked.answer(apiCodecs[asked.context.apiKey as ApiKey].makeResponse());
        }
      }
    }
    world.run({ ms: 5000 });
    assert.equal(broker.metrics.requests.api(entry.key, entry.name).bugs.value, 0);
    assert.deepEqual(world.halts, []);
    assert.equal(server.connectionCount, 0);
  });
}

/**
 * Flips, cuts, repeats, or overwrites by numbers that hurt; the length is made true again most of the time.
 */
function mutate(frame: Uint8Array, below: (bound: number) => number): Uint8Array {
  let bytes = Uint8Array.from(frame);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = 12 + below(Math.max(1, bytes.length - 12));
    switch (below(5)) {
      case 0:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 1:
        bytes = bytes.slice(0, Math.max(4, at));
        break;
      case 2:
        bytes = Uint8Array.from([...bytes, ...bytes.slice(at)]);
        break;
      case 3:
        bytes.set(
          [0x7f, 0xff, 0xff, 0xff].slice(0, Math.max(0, bytes.length - at)),
          Math.min(at, bytes.length),
        );
        break;
      default:
        bytes.set([0xff, 0xff].slice(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
    }
  }
  if (below(10) > 0) new DataView(bytes.buffer).setInt32(0, bytes.length - 4);
  return bytes;
}
