// Tests of the quickstart's configuration.
import assert from "node:assert/strict";
import { test } from "node:test";
import { quickstartDataDirectory, quickstartPort, quickstartProperties } from "./quickstart.ts";
import { readConfigText } from "./read-config.ts";

test("data goes where the user says, else where the platform keeps a user's data", () => {
  assert.equal(quickstartDataDirectory({ OTTLA_DATA_DIR: "/d" }, "linux"), "/d");
  assert.equal(quickstartDataDirectory({ XDG_DATA_HOME: "/x" }, "linux"), "/x/ottla/data");
  assert.match(quickstartDataDirectory({}, "linux"), /\/\.local\/share\/ottla\/data$/);
  assert.match(quickstartDataDirectory({}, "darwin"), /\/Library\/Application Support\/Ottla\/data$/);
});

test("a port is a number that leaves room for the controller's", () => {
  assert.equal(quickstartPort(undefined), 9092);
  assert.equal(quickstartPort("19092"), 19_092);
  for (const text of ["x", "0", "65535", "-1", "1e3"]) assert.equal(quickstartPort(text), null, text);
});

test("its properties are right, also with a directory that holds blanks", () => {
  const read = readConfigText(quickstartProperties("/home/a b/data", 9092), "quickstart", []);
  assert.ok(read.ok);
  assert.deepEqual(read.config.logDirs, ["/home/a b/data"]);
  assert.deepEqual(read.warnings, []);
});
