// Which entities a kafka-configs command line means, and whether its options go together.
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument } from "../../options/java-exception.ts";
import { UsageError } from "../../options/option-error.ts";
import { defaultsOptions, type EntityType, entityOptions, entityTypes } from "./entity-types.ts";

/** Kinds and, in the same order, names; an empty name is the default of its kind. */
export interface AskedEntities {
  readonly types: readonly [EntityType, ...EntityType[]];
  readonly names: readonly string[];
}

/** Throws Kafka's texts. */
export function askedEntities(given: GivenOptions): AskedEntities {
  checkActions(given);
  const types = [
    ...given.values("entity-type"),
    ...[...entityOptions, ...defaultsOptions].filter(([option]) => given.has(option)).map(([, type]) => type),
  ];
  if (new Set(types).size < types.length) {
    const twice = types.filter((type, index) => types.indexOf(type) !== index);
    throw illegalArgument(`Duplicate entity type(s) specified: ${twice.join(",")}`);
  }
  checkConnection(given);
  const known = types.map(knownType);
  const [first, ...others] = known;
  if (first === undefined) throw illegalArgument("At least one entity type must be specified");
  if (others.length > 0 && (known.length > 2 || !known.includes("users") || !known.includes("clients"))) {
    throw illegalArgument("Only 'users' and 'clients' entity types may be specified together");
  }
  const hasEntityOption = [...entityOptions, ...defaultsOptions].some(([option]) => given.has(option));
  if (
    hasEntityOption &&
    ["entity-name", "entity-type", "entity-default"].some((option) => given.has(option))
  ) {
    throw illegalArgument(
      "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
    );
  }
  const asked: AskedEntities = { types: [first, ...others], names: namesOf(given) };
  checkNames(asked, given);
  return asked;
}

function knownType(type: string): EntityType {
  const known = entityTypes.find((each) => each === type);
  if (known !== undefined) return known;
  throw illegalArgument(
    `Invalid entity type ${type}, the entity type must be one of ${entityTypes.join(", ")} ` +
      "with a --bootstrap-server or --bootstrap-controller argument",
  );
}

function checkActions(given: GivenOptions): void {
  if (given.has("alter") === given.has("describe")) {
    throw new UsageError("Command must include exactly one action: --describe, --alter");
  }
  given.forbid("describe", ["alter", "add-config", "delete-config"]);
}

function checkConnection(given: GivenOptions): void {
  const [servers, controllers] = [given.has("bootstrap-server"), given.has("bootstrap-controller")];
  if (!servers && !controllers) {
    throw illegalArgument("Either --bootstrap-server or --bootstrap-controller must be specified.");
  }
  if (servers && controllers) {
    throw illegalArgument("Only one of --bootstrap-server or --bootstrap-controller can be specified");
  }
}

/** Names and defaults in the order they were given, for they belong to the types in that order. */
function namesOf(given: GivenOptions): readonly string[] {
  const names = [...given.values("entity-name")];
  const inOrder = given.order
    .filter((option) => option === "entity-name" || option === "entity-default")
    .map((option) => (option === "entity-name" ? (names.shift() ?? "") : ""));
  return [
    ...inOrder,
    ...entityOptions.filter(([option]) => given.has(option)).map(([option]) => given.value(option) ?? ""),
    ...defaultsOptions.filter(([option]) => given.has(option)).map(() => ""),
  ];
}

function checkNames({ types, names }: AskedEntities, given: GivenOptions): void {
  const [type] = types;
  const hasName = names.some((name) => name !== "");
  const [name] = names;
  if (hasName && (type === "brokers" || type === "broker-loggers") && !/^-?\d+$/.test(name ?? "")) {
    throw illegalArgument(
      `The entity name for ${type} must be a valid integer broker id, but it is: ${name}`,
    );
  }
  if (type === "ips" && hasName && !isAddress(name ?? "")) {
    throw illegalArgument(
      `The entity name for ips must be a valid IP or resolvable host, but it is: ${name}`,
    );
  }
  if (given.has("describe") && type === "broker-loggers" && !hasName) {
    throw illegalArgument(`An entity name must be specified with --describe of ${types.join(",")}`);
  }
  if (!given.has("alter")) return;
  if (types.some((each) => each === "users" || each === "clients" || each === "brokers" || each === "ips")) {
    if (names.length === 0) {
      throw illegalArgument(
        "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
      );
    }
  } else if (!hasName) {
    throw illegalArgument(`An entity name must be specified with --alter of ${types.join(",")}`);
  }
  const [adds, addsFile] = [given.has("add-config"), given.has("add-config-file")];
  if (adds && addsFile)
    throw illegalArgument("Only one of --add-config or --add-config-file must be specified");
  if (!adds && !addsFile && !given.has("delete-config")) {
    throw illegalArgument(
      "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
    );
  }
}

/** What can be looked up: an address, or a name that a resolver might know. */
function isAddress(text: string): boolean {
  return /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/.test(text) || /^\d+(\.\d+){3}$/.test(text) || text === "localhost";
}
