// What format writes, against what Apache Kafka's own tool wrote into the golden data directory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Uuid } from "@ottla/protocol";
import { decodeSnapshotFile } from "../records/snapshot-file.ts";
import { type BootstrapFeatures, bootstrapFeatures } from "./bootstrap-features.ts";
import { bootstrapRecords, formatDirectory, readBootstrapFile } from "./format-directory.ts";

const golden = new URL("../../../protocol/goldens/segments/data/", import.meta.url);

function features(release: string | null, wanted: readonly [string, number][] = []): BootstrapFeatures {
  const result = bootstrapFeatures(release, new Map(wanted));
  if ("problem" in result) throw new Error(result.problem);
  return result;
}

function problem(release: string | null, wanted: readonly [string, number][] = []): string {
  const result = bootstrapFeatures(release, new Map(wanted));
  return "problem" in result ? result.problem : "";
}

test("the files of a standalone controller hold what Kafka's hold", () => {
  const controller = {
    nodeId: 1,
    directoryId: "OzuStd3GRhaWZiVt3Cytgw" as Uuid,
    endpoints: [{ name: "CONTROLLER", host: "127.0.0.1", port: 29093 }],
  };
  const { metaProperties, files } = formatDirectory({
    clusterId: "b3R0bGEtZ29sZGVuLTAwMQ",
    nodeId: 1,
    directoryId: controller.directoryId,
    features: features(null),
    scram: [],
    initialControllers: [controller],
    nowMs: 1795256981975,
  });
  const lines = readFileSync(new URL("meta.properties", golden), "utf8").split("\n");
  assert.deepEqual(
    [...metaProperties].map(([key, value]) => `${key}=${value}`),
    lines.filter((line) => line.includes("=")),
  );
  const paths = ["bootstrap.checkpoint", "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"];
  assert.deepEqual([...files.keys()], paths);
  for (const path of paths) {
    const theirs = new Uint8Array(readFileSync(new URL(path, golden)));
    const ours = files.get(path) as Uint8Array;
    assert.equal(ours.length, theirs.length);
    assert.deepEqual(decodeSnapshotFile(ours), decodeSnapshotFile(theirs));
  }
});

test("a directory without the metadata log of a voter gets no voters", () => {
  const { files } = formatDirectory({
    clusterId: "c",
    nodeId: 2,
    directoryId: "OzuStd3GRhaWZiVt3Cytgw" as Uuid,
    features: features(null),
    scram: [
      {
        name: "alice",
        mechanism: 1,
        salt: new Uint8Array(3),
        storedKey: new Uint8Array(32),
        serverKey: new Uint8Array(32),
        iterations: 4096,
      },
    ],
    initialControllers: null,
    nowMs: 1,
  });
  assert.deepEqual([...files.keys()], ["bootstrap.checkpoint"]);
  const records = readBootstrapFile(files.get("bootstrap.checkpoint") as Uint8Array);
  assert.equal(records.at(-1)?.name, "UserScramCredentialRecord");
});

test("a release gives its own levels, and features that are off have no record", () => {
  const names = (chosen: BootstrapFeatures): string[] =>
    bootstrapRecords(chosen, []).map((record) =>
      record.name === "FeatureLevelRecord" ? `${record.data.name}=${record.data.featureLevel}` : record.name,
    );
  assert.deepEqual(names(features("3.9")), ["metadata.version=21"]);
  assert.equal(features("3.9").kraftVersion, 1);
  assert.equal(features("3.7").kraftVersion, 0);
  assert.deepEqual(
    names(
      features(null, [
        ["transaction.version", 1],
        ["kraft.version", 1],
      ]),
    ),
    [
      "metadata.version=30",
      "eligible.leader.replicas.version=1",
      "group.version=1",
      "share.version=1",
      "streams.version=1",
      "transaction.version=1",
    ],
  );
});

test("what cannot be is refused in Kafka's words", () => {
  assert.match(
    problem("9.9"),
    /^Unknown metadata.version '9.9'. Supported metadata.version are: 3.3-IV3, .*, 4.3-IV0$/,
  );
  assert.equal(
    problem(null, [["nosuch.version", 1]]),
    "Unsupported feature: nosuch.version. Supported features are: eligible.leader.replicas.version, group.version, " +
      "kraft.version, share.version, streams.version, transaction.version",
  );
  assert.match(problem("3.9", [["eligible.leader.replicas.version", 1]]), /metadata.version level 23/);
  assert.match(problem("4.4"), /^Unknown metadata.version '4.4'/);
});
