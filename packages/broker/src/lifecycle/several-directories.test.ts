import assert from "node:assert/strict";
import { test } from "node:test";
import { DiskError } from "@ottla/ports";
import { wholeBroker } from "../testing/whole-broker.ts";

test("a failing directory takes leadership from its replicas alone, the last one ends the process", () => {
  const { world, broker } = wholeBroker({ seed: 3, settings: { "log.dirs": "/data,/more" }, topics: ["t"] });
  const { logs, metadata } = broker.services;
  const partitions = () => metadata.image.topics.byName("t")?.partitions ?? [];
  world.run({ ms: 2000 });
  const directories = [0, 1].map((index) => logs.directoryAt(logs.log("t", index)?.directory ?? ""));
  assert.notEqual(directories[0], directories[1]);
  // The controller was told which one the broker chose.
  assert.deepEqual(
    partitions().map(({ directories: [id] }) => id),
    directories.map((directory) => directory?.id),
  );
  const failing = logs.directoryAt("/more");
  failing?.goOffline(new DiskError("write", "/more/t-1", "EIO"));
  world.run({ ms: 5000 });
  assert.deepEqual(
    partitions().map(({ leader }) => leader),
    directories.map((directory) => (directory === failing ? -1 : 1)),
  );
  assert.equal(world.halts.length, 0);
  logs.directoryAt("/data")?.goOffline(new DiskError("write", "/data/t-0", "EIO"));
  world.run({ ms: 5000 });
  assert.match(world.halts[0]?.reason ?? "", /every log directory is offline/);
});

test("without the directory of the metadata log a node cannot go on", () => {
  const { world, broker } = wholeBroker({ seed: 4, settings: { "log.dirs": "/data,/more" } });
  broker.services.logs.directoryAt("/data")?.goOffline(new DiskError("write", "/data/t-0", "EIO"));
  world.run({ ms: 2000 });
  assert.equal(world.halts[0]?.reason, "the log directory of the metadata log is offline: /data");
});
