import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProperties } from "../parse-properties.ts";
import type { ConfigSources } from "./config-provider.ts";
import { expandReferences } from "./expand-references.ts";

const files = new Map([
  ["/run/s.properties", "port=9095\nsecret=a:b\nto\\:key=deep\nagain=${env:HOME}\n"],
  ["/run/secrets/password", "swordfish"],
  ["/etc/passwd", "root"],
]);

const sources: ConfigSources = {
  readFile(path) {
    const text = files.get(path);
    if (text === undefined) throw new Error("ENOENT");
    return text;
  },
  variable: (name) => new Map([["HOME", "/home/k"]]).get(name),
};

const providerLines = [
  "config.providers=file, dir,env",
  "config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider",
  "config.providers.dir.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider",
  "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
];

function expand(lines: readonly string[], providers: readonly string[] = providerLines) {
  const { entries, problems } = expandReferences(
    parseProperties([...providers, ...lines].join("\n"), "f"),
    sources,
  );
  return {
    values: entries.filter(({ key }) => !key.startsWith("config.")).map(({ value }) => value),
    problems: problems.map(({ key, origin, reason }) => `${origin?.line} ${key}: ${reason}`),
  };
}

test("references to a file, a directory and the environment are replaced wherever they stand in a value", () => {
  assert.deepEqual(
    expand([
      "listeners=PLAINTEXT://:${file:/run/s.properties:port},X://${env:HOME}",
      "a=${file:/run/s.properties:secret}",
      "b=${dir:/run/secrets:password}${dir:/run/secrets/:password}",
    ]),
    { values: ["PLAINTEXT://:9095,X:///home/k", "a:b", "swordfishswordfish"], problems: [] },
  );
});

test("a key may have colons, a path may not", () => {
  assert.deepEqual(expand(["a=${file:/run/s.properties:to:key}"]).values, ["deep"]);
});

test("a found value is final", () => {
  assert.deepEqual(expand(["a=${file:/run/s.properties:again}"]).values, ["${env:HOME}"]);
});

test("what names no provider stays as it is written", () => {
  const lines = ["a=${vault:/x:y}", "b=${HOME}", "c=$env:HOME"];
  assert.deepEqual(expand(lines).values, ["${vault:/x:y}", "${HOME}", "$env:HOME"]);
  assert.deepEqual(expand(["a=${env:HOME}"], []).values, ["${env:HOME}"]);
});

test("what a provider cannot give is told with its line", () => {
  assert.deepEqual(
    expand([
      "a=${file:/run/s.properties:no}",
      "b=${file:/no:x}",
      "c=${dir:/run:../etc/passwd}",
      "d=${env:x:HOME}",
    ]).problems,
    [
      "5 a: Provider file has no value for ${file:/run/s.properties:no}",
      "6 b: Provider file has no value for ${file:/no:x}: Could not read properties from file /no",
      "7 c: Provider dir has no value for ${dir:/run:../etc/passwd}",
      "8 d: Provider env has no value for ${env:x:HOME}: x: variables of the environment have no path",
    ],
  );
});

test("allowed paths and names bound what a provider reads", () => {
  const bounds = [
    "config.providers.file.param.allowed.paths=/run,/opt/",
    "config.providers.env.param.allowlist.pattern=K_.*",
  ];
  const { values, problems } = expand(
    [
      "a=${file:/run/s.properties:port}",
      "b=${file:/etc/passwd:root}",
      "c=${file:/run/../etc/passwd:root}",
      "d=${env:HOME}",
    ],
    [...providerLines, ...bounds],
  );
  assert.equal(values[0], "9095");
  assert.deepEqual(
    problems.map((text) => text.replace(/.*for /, "")),
    [
      "${file:/etc/passwd:root}: /etc/passwd is not under allowed.paths",
      "${file:/run/../etc/passwd:root}: /run/../etc/passwd is not under allowed.paths",
      "${env:HOME}",
    ],
  );
});

test("a provider without a class, or with one that is not there, is told", () => {
  const lines = ["config.providers=a,b,c", "config.providers.b.class=com.example.Vault"];
  const badPattern = [
    "config.providers.c.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
    "config.providers.c.param.allowlist.pattern=(",
  ];
  const { problems } = expand([], [...lines, ...badPattern]);
  assert.equal(problems.length, 3);
  assert.match(problems[0] ?? "", /1 config.providers.a.class: Missing: the class of provider a/);
  assert.match(problems[1] ?? "", /2 config.providers.b.class: Class com.example.Vault could not be found/);
  assert.match(problems[2] ?? "", /3 config.providers.c.class: Invalid regular expression/);
});
