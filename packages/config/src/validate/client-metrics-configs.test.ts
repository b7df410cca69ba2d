// Refused settings of client metrics subscriptions. Errors and texts are what Apache Kafka 4.3.1 answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { validateClientMetricsConfigs } from "./client-metrics-configs.ts";

const INTERVAL = "interval must be between 100 and 3600000 (1 hour)";

const REFUSED: readonly [setting: string, value: string, error: string, message: string][] = [
  ["interval.ms", "99", "INVALID_REQUEST", `Invalid value 99 for interval.ms, ${INTERVAL}`],
  ["interval.ms", "3600001", "INVALID_REQUEST", `Invalid value 3600001 for interval.ms, ${INTERVAL}`],
  [
    "interval.ms",
    "x",
    "INVALID_CONFIG",
    "Invalid value x for configuration interval.ms: Not a number of type INT",
  ],
  ["metrics", "a,,b", "INVALID_CONFIG", "Configuration 'metrics' values must not be empty."],
  ["no.such", "1", "INVALID_REQUEST", "Unknown client metrics configuration: no.such"],
  ...[
    "client_id",
    "client_id=",
    "client_id==a",
    "client_id=a=b",
    "=x",
    "nothing=x",
    "CLIENT_ID=x",
    "client_id=[",
    "client_id=*",
  ].map((pattern): [string, string, string, string] => [
    "match",
    pattern,
    "INVALID_CONFIG",
    `Illegal client matching pattern: ${pattern}`,
  ]),
  ["match", "client_id=a, nothing = b ", "INVALID_CONFIG", "Illegal client matching pattern: nothing = b"],
];

for (const [setting, value, error, message] of REFUSED) {
  test(`client metrics setting ${setting}=${value} is refused in Kafka's words`, () => {
    assert.deepEqual(validateClientMetricsConfigs(new Map([[setting, value]])), { error, message });
  });
}

const TAKEN: readonly [setting: string, value: string][] = [
  ["interval.ms", "100"],
  ["interval.ms", " 3600000 "],
  ["metrics", ""],
  ["metrics", "*"],
  ["match", ""],
  ["match", " client_id = x "],
  ["match", "client_id=a="],
  ["match", "client_software_name=.*,client_source_port=[0-9]+"],
];

for (const [setting, value] of TAKEN) {
  test(`client metrics setting ${setting}=${value} is taken`, () => {
    assert.equal(validateClientMetricsConfigs(new Map([[setting, value]])), undefined);
  });
}
