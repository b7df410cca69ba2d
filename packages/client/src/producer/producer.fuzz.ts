// Records of a producer under drawn faults: lost connections, lost answers, refused appends, moving leaders.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errors } from "@ottla/protocol";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { ScriptedLog } from "../testing/scripted-log.ts";
import { Producer } from "./producer.ts";

const SEEDS = 40;
const RECORDS = 300;

/** Sends under the faults of one seed; resolves with what the partitions hold. */
async function holdings(seed: number): Promise<readonly (readonly string[])[]> {
  const cluster = new ScriptedCluster(seed, [1, 2]);
  cluster.topic("t", [1, 2]);
  const log = new ScriptedLog(cluster);
  const settings = {
    "bootstrap.servers": "broker-1:9092",
    "batch.size": 60,
    "linger.ms": seed % 3,
    "retry.backoff.ms": 10,
  };
  const producer = new Producer(settings, cluster.environment);
  const { random } = cluster.world;
  let faultsLeft = 60;
  const strikes = (percent: number) => faultsLeft > 0 && random.below(100) < percent && faultsLeft-- > 0;
  log.faults = {
    request: () => (strikes(5) ? "lost" : strikes(5) ? "unheard" : null),
    batch: () => (strikes(5) ? errors.NOT_ENOUGH_REPLICAS : null),
  };
  log.tellsLeaders = seed % 2 === 0;
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < RECORDS; index += 1) {
    const value = new TextEncoder().encode(String(index));
    sent.push(producer.send({ topic: "t", partition: index % 2, value }));
    await cluster.run({ ms: random.below(4) });
    const moved = cluster.topics.get("t")?.partitions[index % 2];
    if (moved === undefined || !strikes(3)) continue;
    moved.leaderId = 3 - moved.leaderId;
    moved.leaderEpoch += 1;
  }
  await cluster.settled(Promise.all(sent));
  return [0, 1].map((partition) => log.partition("t", partition).values);
}

test("every record arrives once and in order", async () => {
  const all = Array.from({ length: RECORDS }, (_, index) => String(index));
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const expected = [0, 1].map((partition) => all.filter((_, index) => index % 2 === partition));
    assert.deepEqual(await holdings(seed), expected, `seed ${seed}`);
  }
});
