// Levels of this node's loggers (KIP-412): what may be asked, and doing it. Levels hold at once and are
// written down nowhere. The controller is not asked.
import { LOG_LEVELS, type Loggers, type LogLevel, ROOT_LOGGER } from "@ottla/ports";
import { type ErrorSpec, errors, type IncrementalAlterConfigsRequest } from "@ottla/protocol";

type Change = IncrementalAlterConfigsRequest.AlterableConfig;

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

/** Why nothing was changed. */
interface LoggerRefusal {
  readonly error: ErrorSpec;
  readonly message: string;
}

/** All changes of a resource or none of them; null: done, or, with `validateOnly`, it could be. */
export function changeLoggers(
  node: { readonly nodeId: number; readonly loggers: Loggers },
  name: string,
  changes: readonly Change[],
  validateOnly: boolean,
): LoggerRefusal | null {
  const levels = node.loggers.levels();
  const refused =
    unclear(changes) ??
    wrongNode(node.nodeId, name) ??
    firstOf(changes, (change) => wrongChange(levels, change));
  if (refused !== null || validateOnly) return refused;
  for (const { name: logger, configOperation, value } of changes)
    node.loggers.setLevel(logger, configOperation === SET && isLevel(value) ? value : null);
  return null;
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | null): Found | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function isLevel(value: string | null): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value);
}

function invalid(message: string): LoggerRefusal {
  return { error: errors.INVALID_REQUEST, message };
}

function unclear(changes: readonly Change[]): LoggerRefusal | null {
  const nulls = changes.filter(({ configOperation, value }) => configOperation !== DELETE && value === null);
  if (nulls.length > 0)
    return invalid(`Null value not supported for : ${nulls.map(({ name }) => name).join(",")}`);
  const names = new Set(changes.map(({ name }) => name));
  return names.size < changes.length ? invalid("Error due to duplicate config keys") : null;
}

function wrongNode(nodeId: number, name: string): LoggerRefusal | null {
  if (!/^[+-]?\d{1,10}$/.test(name)) return invalid(`Node id must be an integer, but it is: ${name}`);
  if (Number(name) === nodeId) return null;
  return invalid(`Unexpected node id. Expected ${nodeId}, but received ${Number(name)}`);
}

function wrongChange(levels: ReadonlyMap<string, LogLevel>, change: Change): LoggerRefusal | null {
  const { name, configOperation, value } = change;
  if (configOperation === APPEND || configOperation === SUBTRACT) {
    const operation = configOperation === APPEND ? "APPEND" : "SUBTRACT";
    return invalid(`${operation} operation is not allowed for the BROKER_LOGGER resource`);
  }
  if (configOperation !== SET && configOperation !== DELETE)
    return invalid(`Unknown operation ${configOperation}`);
  if (!levels.has(name)) return { error: errors.INVALID_CONFIG, message: `Logger ${name} does not exist!` };
  if (configOperation === DELETE)
    return name === ROOT_LOGGER ? invalid("Removing the log level of the root logger is not allowed") : null;
  if (isLevel(value)) return null;
  const known = [...LOG_LEVELS].sort().join(", ");
  const message = `Cannot set the log level of ${name} to ${value} as it is not a supported log level. Valid log levels are ${known}`;
  return { error: errors.INVALID_CONFIG, message };
}
