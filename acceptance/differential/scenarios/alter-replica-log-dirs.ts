// AlterReplicaLogDirs on a node with two log directories, the second of which is cordoned as long as no
// scenario here opens it; and what DescribeLogDirs tells afterwards.
import { apiKeys } from "@ottla/protocol";
import { batch } from "../batches.ts";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type Asking = Exchange<(typeof apiKeys)["AlterReplicaLogDirs"]>;

const cordonedLogDirs = "cordoned.log.dirs";
const settleMsMax = 20_000;
const pollMs = 50;

async function setCordoned(x: Asking, value: string): Promise<void> {
  await x.call(apiKeys.IncrementalAlterConfigs, 1, {
    resources: [
      {
        resourceType: 4,
        resourceName: "1",
        configs: [{ name: cordonedLogDirs, configOperation: 0, value }],
      },
    ],
    validateOnly: false,
  });
  // It counts once the broker has read it.
  const [, second = ""] = x.peer.logDirectories;
  await until(x, async () => {
    const { results } = await x.call(apiKeys.DescribeLogDirs, 5, { topics: [] });
    return results.find(({ logDir }) => logDir === second)?.isCordoned === value.includes(second);
  });
}

async function until(_x: Asking, holds: () => Promise<boolean>): Promise<void> {
  for (const lateMs = Date.now() + settleMsMax; Date.now() < lateMs; ) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, pollMs));
  }
  throw new Error("preparation: the log directories do not come to rest");
}

/** The partition is in the directory of this path, and nowhere else. */
async function untilIn(x: Asking, topic: string, path: string): Promise<void> {
  await until(x, async () => {
    const { results } = await x.call(apiKeys.DescribeLogDirs, 5, { topics: [{ topic, partitions: [0] }] });
    return results.every(({ logDir, topics }) => topics.length > 0 === (logDir === path));
  });
}

export const alterReplicaLogDirsScenarios = scenariosOf(apiKeys.AlterReplicaLogDirs, {
  "to where it is, to nowhere, of nobody": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const [first = ""] = x.peer.logDirectories;
    const one = (path: string, name: string, partitions: number[] = [0]) => ({
      path,
      topics: [{ name, partitions }],
    });
    await x.ask({ dirs: [one(first, topic.name, [0, 1])] }, "to where it is");
    await x.ask({ dirs: [one("/nowhere", topic.name)] }, "to nowhere");
    await x.ask({ dirs: [one("data", topic.name)] }, "by a relative path");
    await x.ask({ dirs: [one(`${first}/`, topic.name)] }, "by another spelling");
    await x.ask({ dirs: [one("", topic.name)] }, "by no path");
    await x.ask({ dirs: [one(first, topic.name, [7, -1])] }, "unknown partitions");
    await x.ask({ dirs: [one(first, x.name("nobody"))] }, "an unknown topic");
    await x.ask({ dirs: [one(first, "")] }, "no name");
    await x.ask({ dirs: [one(first, "a b")] }, "a name that is none");
    await x.ask({ dirs: [one("/nowhere", "x".repeat(240))] }, "a name too long for a copy");
    await x.ask({ dirs: [one("/nowhere", topic.name), one(first, topic.name, [0, 0])] }, "twice");
    await x.ask({ dirs: [] }, "no directories");
    await x.ask({ dirs: [{ path: first, topics: [] }] }, "no topics");
    await x.ask({ dirs: [one(first, topic.name, [])] }, "no partitions");
    await x.ask({ dirs: nullArray() }, "null");
  },
  "to a cordoned directory": async (x) => {
    const topic = await x.create();
    const [, second = ""] = x.peer.logDirectories;
    await x.ask({ dirs: [{ path: second, topics: [{ name: topic.name, partitions: [0, 9] }] }] });
    await x.ask({ dirs: [{ path: second, topics: [{ name: x.name("nobody"), partitions: [0] }] }] });
    await x.ask({ dirs: [{ path: second, topics: [{ name: "x".repeat(240), partitions: [0] }] }] });
  },
  "there and back again": async (x) => {
    const topic = await x.create();
    const [first = "", second = ""] = x.peer.logDirectories;
    await x.produce(topic, batch(3, x.nowMs));
    await setCordoned(x, "");
    try {
      for (const path of [second, first]) {
        await x.ask({ dirs: [{ path, topics: [{ name: topic.name, partitions: [0] }] }] });
        await untilIn(x, topic.name, path);
        await x.look(apiKeys.DescribeLogDirs, 5, { topics: [{ topic: topic.name, partitions: [0] }] });
        await x.produce(topic, batch(2, x.nowMs));
      }
    } finally {
      await setCordoned(x, second);
    }
    await x.look(apiKeys.DescribeLogDirs, 5, { topics: [{ topic: topic.name, partitions: [0] }] });
  },
});
