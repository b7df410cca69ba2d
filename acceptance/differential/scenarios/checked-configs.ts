// IncrementalAlterConfigs of groups, client metrics and loggers: bounds, patterns, levels and unknown names.
// What is refused is refused in the same words, which are compared here.
import { apiKeys } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.IncrementalAlterConfigs>;
type Settings = readonly (readonly [name: string, value: string])[];

const loggers = 8;
const clientMetrics = 16;
const group = 32;

/** Sets, or deletes where there is no value; `words` is the message, which is nobody's own choice here. */
async function alter(
  x: X,
  resourceType: number,
  resourceName: string,
  settings: readonly (readonly [name: string, value: string | null, operation?: number])[],
): Promise<void> {
  const configs = settings.map(([name, value, operation]) => ({
    name,
    configOperation: operation ?? (value === null ? 1 : 0),
    value,
  }));
  await x.ask({ resources: [{ resourceType, resourceName, configs }] }, "", (answer) => ({
    ...answer,
    responses: answer.responses.map((response) => ({ ...response, words: response.errorMessage })),
  }));
}

async function alterEach(x: X, type: number, name: string, sets: readonly Settings[]): Promise<void> {
  for (const settings of sets) await alter(x, type, name, settings);
}

/** Each value alone. */
async function tryValues(
  x: X,
  type: number,
  values: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [name, texts] of Object.entries(values))
    await alterEach(
      x,
      type,
      x.name("r"),
      texts.map((text) => [[name, text]]),
    );
}

const times = [
  "1",
  "0",
  "-1",
  "4999",
  "5000",
  "15000",
  "15001",
  "44999",
  "60000",
  "60001",
  "x",
  "",
  " 50000 ",
];

export const checkedConfigScenarios = scenariosOf(apiKeys.IncrementalAlterConfigs, {
  "bounds of consumer groups": async (x) => {
    await tryValues(x, group, {
      "consumer.session.timeout.ms": times,
      "consumer.heartbeat.interval.ms": times,
      "consumer.assignment.interval.ms": times,
    });
  },
  "bounds of share groups": async (x) => {
    await tryValues(x, group, {
      "share.session.timeout.ms": times,
      "share.heartbeat.interval.ms": times,
      "share.assignment.interval.ms": times,
      "share.record.lock.duration.ms": ["999", "1000", "14999", "15000", "60000", "60001", "3600001"],
      "share.delivery.count.limit": ["1", "2", "10", "11", "26"],
      "share.partition.max.record.locks": ["99", "100", "4000", "4001", "10001"],
      "share.auto.offset.reset": [
        "none",
        "earliest",
        "by_duration:PT1H",
        "by_duration:-PT1H",
        "by_duration:x",
      ],
      "share.isolation.level": ["read_committed", "READ_COMMITTED", ""],
      "share.renew.acknowledge.enable": ["false", "maybe"],
    });
  },
  "bounds of streams groups": async (x) => {
    await tryValues(x, group, {
      "streams.session.timeout.ms": times,
      "streams.heartbeat.interval.ms": times,
      "streams.assignment.interval.ms": times,
      "streams.num.standby.replicas": ["-1", "0", "2", "3"],
      "streams.initial.rebalance.delay.ms": ["-1", "0", "99999999"],
    });
  },
  "several settings of a group at once": async (x) => {
    await alterEach(x, group, x.name("r"), [
      [
        ["consumer.session.timeout.ms", "1"],
        ["consumer.heartbeat.interval.ms", "1"],
      ],
      [
        ["streams.session.timeout.ms", "1"],
        ["share.assignment.interval.ms", "99999"],
      ],
      [
        ["consumer.session.timeout.ms", "x"],
        ["no.such", "1"],
      ],
      [
        ["streams.session.timeout.ms", "x"],
        ["share.session.timeout.ms", "x"],
      ],
      [
        ["consumer.session.timeout.ms", "50000"],
        ["consumer.heartbeat.interval.ms", "6000"],
      ],
    ]);
  },
  "groups: unknown names, operations, a resource without a name": async (x) => {
    const name = x.name("r");
    for (const [setting, value, operation] of [
      ["no.such", "1", 0],
      ["retention.ms", "1", 0],
      ["__proto__", "1", 0],
      ["no.such", null, 1],
      ["consumer.session.timeout.ms", null, 1],
      ["consumer.session.timeout.ms", "50000", 2],
      ["consumer.session.timeout.ms", "50000", 3],
    ] as const) {
      await alter(x, group, name, [[setting, value, operation]]);
    }
    await alter(x, group, "", [["consumer.session.timeout.ms", "50000"]]);
  },
  "client metrics: intervals and names of metrics": async (x) => {
    await tryValues(x, clientMetrics, {
      "interval.ms": ["0", "-1", "99", "100", "3600000", "3600001", "x", "", " 500 "],
      metrics: ["", "*", "org.apache.kafka.producer.,b", "a,,b", ",", "a,a"],
      "no.such": ["1"],
    });
  },
  "client metrics: matching patterns": async (x) => {
    const patterns = [
      "x",
      "a.*",
      "[",
      "(",
      ")",
      "*",
      "a**",
      "a++",
      "{",
      "}",
      "]",
      "[]",
      "[^]",
      "[z-a]",
      "[a&&[b]]",
      "\\",
      "\\y",
      "\\1",
      "(?i)a\\Qx.[\\E",
      "\\p{Alpha}",
      "\\p{Nope}",
      "a|*",
      "^*",
      "(?<n>a)",
      "",
      "=",
      "a=",
      "a=b",
      "=a",
    ];
    await tryValues(x, clientMetrics, {
      match: [
        ...patterns.map((pattern) => `client_id=${pattern}`),
        "",
        ",",
        "client_id",
        "=x",
        "nothing=x",
        "CLIENT_ID=x",
        " client_id = x ",
        "client_id=a, nothing = b ",
        "client_id=a,client_id=b",
        "client_instance_id=a,client_software_name=b,client_software_version=c",
        "client_source_address=a,client_source_port=[0-9]+",
      ],
    });
  },
  "client metrics: several settings, operations, a resource without a name": async (x) => {
    const name = x.name("r");
    await alterEach(x, clientMetrics, name, [
      [
        ["interval.ms", "1"],
        ["match", "client_id"],
      ],
      [
        ["interval.ms", "x"],
        ["match", "client_id"],
      ],
      [
        ["no.such", "1"],
        ["interval.ms", "x"],
      ],
    ]);
    for (const [setting, value, operation] of [
      ["metrics", "d", 2],
      ["match", "client_id=x", 3],
      ["interval.ms", "1", 2],
      ["interval.ms", null, 1],
      ["no.such", null, 1],
    ] as const) {
      await alter(x, clientMetrics, name, [[setting, value, operation]]);
    }
    await alter(x, clientMetrics, "", [["interval.ms", "1000"]]);
  },
  "levels of loggers": async (x) => {
    const lookAt = async (): Promise<void> => {
      const resources = [
        {
          resourceType: loggers,
          resourceName: "1",
          configurationKeys: ["root", "kafka.server.BrokerServer"],
        },
      ];
      await x.look(apiKeys.DescribeConfigs, 4, { resources }, "what came of it");
    };
    const logger = "kafka.server.BrokerServer";
    for (const level of ["DEBUG", "LOUD", "debug", "OFF", "ALL", "", " INFO ", "FATAL", "INFO"])
      await alter(x, loggers, "1", [["root", level]]);
    await alter(x, loggers, "1", [[logger, "ERROR"]]);
    await lookAt();
    await alter(x, loggers, "1", [
      [logger, "WARN"],
      ["no.such", "INFO"],
    ]);
    await alter(x, loggers, "1", [["root", "DEBUG"]]);
    await lookAt();
    await alter(x, loggers, "1", [[logger, null]]);
    await lookAt();
    await alter(x, loggers, "1", [["root", "INFO"]]);
    await lookAt();
  },
  "levels of loggers that cannot be": async (x) => {
    for (const [name, value, operation] of [
      ["root", null, 1],
      ["root", null, 0],
      ["no.such", "INFO", 0],
      ["no.such", "LOUD", 0],
      ["no.such", null, 1],
      ["kafka", "INFO", 0],
      ["", "INFO", 0],
      ["__proto__", "INFO", 0],
      ["root", "INFO", 2],
      ["no.such", "INFO", 3],
    ] as const) {
      await alter(x, loggers, "1", [[name, value, operation]]);
    }
    for (const node of ["7", "x", "", "-1", "+1", "01", " 1"])
      await alter(x, loggers, node, [["root", "INFO"]]);
    await alter(x, loggers, "1", []);
    await alter(x, loggers, "1", [
      ["root", "INFO"],
      ["root", "DEBUG"],
    ]);
  },
});
