// Tests of option tables: what words mean, and how the table looks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { flag, valued } from "./option.ts";
import { OptionTable } from "./option-table.ts";

const table: OptionTable = new OptionTable([
  valued("bootstrap-server", "server to connect to", "REQUIRED: the Kafka server to connect to."),
  flag("list", "List all available topics."),
  valued("topic", "topic", "The topic."),
  { ...valued("partitions", "# of partitions", "How many."), type: "Integer" },
  { ...valued("delete-config", null, "Keys."), separator: "," },
  { name: "state", argument: "optional", meaning: "With the state." },
]);

test("values come apart or after an equals sign, behind one dash or two, and other words are kept", () => {
  const given = table.parse([
    "-list",
    "--topic=a=b",
    "extra",
    "-bootstrap-server",
    "--list",
    "--",
    "--topic",
  ]);
  assert.equal(given.has("list"), true);
  assert.equal(given.value("topic"), "a=b");
  assert.equal(given.value("bootstrap-server"), "--list");
  assert.deepEqual(given.words, ["extra", "--topic"]);
});

test("an optional value is taken unless an option follows", () => {
  assert.deepEqual(table.parse(["--state", "Stable", "--list"]).values("state"), ["Stable"]);
  const bare = table.parse(["--state", "--list"]);
  assert.equal(bare.has("state"), true);
  assert.equal(bare.value("state"), null);
});

test("a separator splits one value, repetition adds to it", () => {
  const given = table.parse(["--delete-config", "a,b", "--delete-config", "c"]);
  assert.deepEqual(given.values("delete-config"), ["a", "b", "c"]);
});

test("words that the table does not know are told by name, never taken as abbreviations", () => {
  const messageOf = (...words: string[]): string => {
    try {
      const given = table.parse(words);
      given.value("topic");
      given.number("partitions");
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(messageOf("--lis"), "lis is not a recognized option");
  assert.equal(messageOf("-l"), "l is not a recognized option");
  assert.equal(messageOf("--topic"), "Option topic requires an argument");
  assert.equal(
    messageOf("--topic", "a", "--topic", "b"),
    "Found multiple arguments for option topic, but you asked for only one",
  );
  assert.equal(messageOf("--partitions", "abc"), "Cannot parse argument 'abc' of option partitions");
  assert.equal(
    messageOf("--partitions", "2147483648"),
    "Cannot parse argument '2147483648' of option partitions",
  );
});

test("an option that the parser demands is missed, unless help is asked for", () => {
  const demanding = new OptionTable([{ ...valued("bootstrap-server", null, "x"), isRequired: true }]);
  assert.throws(() => demanding.parse([]), { message: "Missing required option(s) [bootstrap-server]" });
  assert.equal(demanding.parse(["--help"]).has("help"), true);
  assert.match(demanding.usage(), /^Option \(\* = required\) +Description/);
  assert.match(demanding.usage(), /^\* --bootstrap-server <String>/m);
});

test("the table is sorted, wraps both columns and pads every line to one width", () => {
  const text = new OptionTable([
    valued("bootstrap-server", "server to connect to", "REQUIRED: The Kafka server to connect to."),
    flag("alter", "Alter the number of partitions and replica assignment. (See the kafka-configs tool.)"),
    { ...valued("timeout", "timeout (ms)", "How long."), type: "Long", default: "5000" },
  ]).usage();
  const lines = text.split("\n");
  assert.equal(lines.pop(), "");
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
  assert.deepEqual(
    lines.map((line) => line.trimEnd()),
    [
      "Option                                 Description",
      "------                                 -----------",
      "--alter                                Alter the number of partitions and",
      "                                         replica assignment. (See the kafka-",
      "                                         configs tool.)",
      "--bootstrap-server <String: server to  REQUIRED: The Kafka server to connect",
      "  connect to>                            to.",
      "--help                                 Print usage information.",
      "--timeout <Long: timeout (ms)>         How long. (default: 5000)",
      "--version                              Display the version of Kafka whose",
      "                                         behaviour this is.",
    ],
  );
});
