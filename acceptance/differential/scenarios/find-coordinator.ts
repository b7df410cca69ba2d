// FindCoordinator: groups and transactional ids, many keys, kinds that do not exist, keys of share
// partitions.
import { apiKeys } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { until } from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.FindCoordinator>;
const group = 0;
const transaction = 1;
const share = 2;
const manyKeysFrom = 4;

/** Before version 4 one request for each key. */
async function find(x: X, keyType: number, keys: readonly string[]): Promise<void> {
  const kind = x.version >= 1 ? { keyType } : {};
  if (x.version >= manyKeysFrom) await x.ask({ ...kind, coordinatorKeys: [...keys] });
  else for (const key of keys) await x.ask({ ...kind, key });
}

async function ready(x: X, keyType: number): Promise<void> {
  await until(
    () => x.call(apiKeys.FindCoordinator, 4, { keyType, coordinatorKeys: ["d-any"] }),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
    `no coordinator of kind ${keyType}`,
  );
}

export const findCoordinatorScenarios = scenariosOf(apiKeys.FindCoordinator, {
  groups: async (x) => {
    await ready(x, group);
    for (const key of [x.name(), "", "__proto__", "ü", "x".repeat(300)]) await find(x, group, [key]);
    await find(x, group, ["a", "b", "a", ""]);
  },
  "transactional ids": {
    from: 1,
    steps: async (x) => {
      await ready(x, transaction);
      for (const key of [x.name(), "", "__proto__"]) await find(x, transaction, [key]);
    },
  },
  "kinds that do not exist": {
    from: 1,
    steps: async (x) => {
      for (const keyType of [3, -1, 127]) await find(x, keyType, ["a"]);
    },
  },
  "share partitions by keys that are none": {
    from: 1,
    steps: async (x) => {
      for (const key of ["", "a", "a:b", "a:b:c", "a:b:0", ":AAAAAAAAAAAAAAAAAAAAZQ:0"])
        await find(x, share, [key]);
    },
  },
  "share partitions": {
    from: 6,
    steps: async (x) => {
      const topic = "bm8tc3VjaC10b3BpYy0wMQ";
      await until(
        () => x.call(apiKeys.FindCoordinator, 6, { keyType: share, coordinatorKeys: [`g:${topic}:0`] }),
        ({ coordinators }) => coordinators[0]?.errorCode === 0,
        "no coordinator of share partitions",
      );
      await x.ask({ keyType: share, coordinatorKeys: [`g:${topic}:0`, `g:${topic}:1`, `a:b:${topic}:0`] });
      for (const key of [`${topic}:-1`, `${topic}:+1`, `${topic}:01`, `${topic}:0:`, `${topic}: 0`])
        await find(x, share, [`g:${key}`]);
      for (const key of [
        ` :${topic}:0`,
        `g:${topic}:2147483648`,
        `g:${topic}:x`,
        "g:AAAAAAAAAAAAAAAAAAAAAA:0",
      ])
        await find(x, share, [key]);
    },
  },
  "no keys, null ones": {
    from: manyKeysFrom,
    steps: async (x) => {
      await x.ask({ keyType: group, coordinatorKeys: [] });
      await x.ask({ keyType: group, coordinatorKeys: nullArray() });
    },
  },
});
