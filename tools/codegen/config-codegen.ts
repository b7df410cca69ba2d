// Writes packages/config/src/generated from the fact files in packages/config/src/facts: one table per kind
// of resource. With --check it writes nothing and fails when a file on disk differs. The shapes are those of
// packages/config/src/definitions/config-def.ts; settings of our own are not here but in ottla-configs.ts.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const FACTS = "packages/config/src/facts";
const OUT = "packages/config/src/generated";

interface Fact {
  name: string;
  type: string;
  default?: unknown;
  required?: boolean;
  valid: string | null;
  validator?: string;
  isEmptyAllowed?: boolean;
  importance: string;
  internal?: boolean;
  update?: string;
  dynamicSecurity?: boolean;
  synonyms?: unknown[];
  serverDefault?: string | null;
  brokerDefault?: string | null;
}

/** A double as Java prints it: a point always, an exponent from 1e7 on. */
function javaDouble(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return `${value}.0`;
  if (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7) return String(value);
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

function defaultText(fact: Fact): string | null {
  const value = fact.default;
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.join(",");
  if (fact.type === "DOUBLE") return javaDouble(Number(value));
  return String(value as string | number | boolean);
}

/** The validator's own notation, such as `[0,...,9]` or `[a, b]`, as a rule. */
function ruleOf(fact: Fact): object | undefined {
  const valid = fact.valid ?? "";
  const names = /\[(.*)\]/.exec(valid)?.[1]?.split(", ");
  switch (fact.validator ?? "") {
    case "Range": {
      const [, min, max] = /^\[(-?[\d.]+),\.\.\.(?:,(-?[\d.]+))?\]$/.exec(valid) ?? [];
      if (min === undefined) throw new Error(`${fact.name}: range ${valid}`);
      return { kind: "range", min: Number(min), ...(max === undefined ? {} : { max: Number(max) }) };
    }
    case "ValidString":
      return { kind: "one-of", values: names };
    case "CaseInsensitiveValidString":
      return { kind: "one-of", values: names, ignoreCase: true };
    case "ValidList":
      return { kind: "list", ...(names ? { values: names } : {}), emptyAllowed: fact.isEmptyAllowed };
    case "NonEmptyString":
      return { kind: "non-empty" };
    case "ThrottledReplicaListValidator":
      return { kind: "throttled-replicas" };
    case "Validator":
      return { kind: "share-offset-reset" };
    default:
      return valid === "[1,...,9] or -1" ? { kind: "gzip-level" } : undefined;
  }
}

function commonOf(fact: Fact): Record<string, unknown> {
  const rule = ruleOf(fact);
  return {
    name: fact.name,
    type: fact.type.toLowerCase(),
    default: defaultText(fact),
    ...(fact.required ? { required: true } : {}),
    ...(rule ? { rule } : {}),
    importance: fact.importance.toLowerCase(),
    ...(fact.internal ? { internal: true } : {}),
  };
}

function brokerRow(fact: Fact): object {
  return {
    ...commonOf(fact),
    update: fact.update,
    ...(fact.dynamicSecurity ? { listenerPrefix: true } : {}),
    ...(fact.synonyms ? { synonyms: fact.synonyms } : {}),
  };
}

function topicRow(fact: Fact): object {
  return { ...commonOf(fact), serverDefault: fact.serverDefault ?? null, synonyms: fact.synonyms ?? [] };
}

function groupRow(fact: Fact): object {
  return { ...commonOf(fact), brokerDefault: fact.brokerDefault ?? null };
}

interface Table {
  readonly facts: string;
  readonly constant: string;
  readonly type: string;
  readonly imports: string;
  readonly rows: (facts: unknown) => unknown;
}

const TABLES: readonly Table[] = [
  {
    facts: "broker-configs",
    constant: "BROKER_CONFIG_FACTS",
    type: "readonly BrokerConfigDef[]",
    imports: "BrokerConfigDef",
    rows: (facts) => (facts as Fact[]).map(brokerRow),
  },
  {
    facts: "topic-configs",
    constant: "TOPIC_CONFIG_FACTS",
    type: "readonly TopicConfigDef[]",
    imports: "TopicConfigDef",
    rows: (facts) => (facts as Fact[]).map(topicRow),
  },
  {
    facts: "group-configs",
    constant: "GROUP_CONFIG_FACTS",
    type: "readonly GroupConfigDef[]",
    imports: "GroupConfigDef",
    rows: (facts) => (facts as Fact[]).map(groupRow),
  },
  {
    facts: "client-metrics-configs",
    constant: "CLIENT_METRICS_CONFIG_FACTS",
    type: "readonly ConfigDef[]",
    imports: "ConfigDef",
    rows: (facts) => (facts as Fact[]).map(commonOf),
  },
  {
    facts: "quota-configs",
    constant: "QUOTA_CONFIG_FACTS",
    type: "Readonly<Record<QuotaEntityKind, readonly ConfigDef[]>>",
    imports: "ConfigDef, QuotaEntityKind",
    rows: (facts) =>
      Object.fromEntries(
        Object.entries(facts as Record<string, Fact[]>).map(([kind, list]) => [kind, list.map(commonOf)]),
      ),
  },
];

function formatted(path: string, text: string): string {
  const biome = join(ROOT, "node_modules/.bin/biome");
  const run = spawnSync(biome, ["check", "--write", `--stdin-file-path=${path}`], {
    cwd: ROOT,
    input: text,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${path}: ${run.stderr}`);
  return run.stdout;
}

function render(table: Table): string {
  const source = `${FACTS}/${table.facts}.json`;
  const rows = table.rows(JSON.parse(readFileSync(join(ROOT, source), "utf8")));
  return [
    `// Generated by tools/codegen/config-codegen.ts from ${source}. Do not edit.`,
    `import type { ${table.imports} } from "../definitions/config-def.ts";`,
    "",
    `export const ${table.constant}: ${table.type} = ${JSON.stringify(rows)};`,
    "",
  ].join("\n");
}

const check = process.argv.includes("--check");
const stale: string[] = [];
for (const table of TABLES) {
  const path = `${OUT}/${table.facts}.ts`;
  const text = formatted(path, render(table));
  const file = join(ROOT, path);
  if (!check) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    stale.push(path);
  }
}
if (stale.length > 0) {
  console.error(`stale, run npm run codegen: ${stale.join(", ")}`);
  process.exit(1);
}
