// What the options ask for: the consumer's settings, where it begins, what it prints.
import type { ClientSettings } from "@ottla/client";
import { offsetSpecs } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { UsageError } from "../../options/option-error.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { keyValueWords, optionSetting } from "../client-tool/given-properties.ts";

/** Groups without a name of their own get a number below this. */
const GENERATED_GROUPS = 100_000;

/** Two options that contradict each other where Kafka prints no table. */
export class ConflictingReset extends Error {
  override readonly name: string = "ConflictingReset";
}

/** Settings of the consumer. `configOption`, `propertyOption`: under which name file and words were given. */
export function consumerSettings(
  given: GivenOptions,
  host: ToolHost,
  configOption: string,
  propertyOption: string,
): ClientSettings {
  const file = readSettings(host, given.value(configOption));
  const words = keyValueWords(given.values(propertyOption));
  const group = givenGroup(given, file, words);
  const user: ClientSettings = { ...file, ...words };
  const settings: ClientSettings = {
    "client.id": "console-consumer",
    ...user,
    "auto.offset.reset": offsetReset(given, user),
    "bootstrap.servers": given.valueOr("bootstrap-server"),
  };
  const isolated = optionSetting(settings, "isolation.level", given, "isolation-level");
  if (group !== null) return { ...isolated, "group.id": group };
  // A group that nobody will name again leaves no offsets behind.
  return {
    "enable.auto.commit": "false",
    ...isolated,
    "group.id": `console-consumer-${host.ports.random.below(GENERATED_GROUPS)}`,
  };
}

function givenGroup(given: GivenOptions, file: ClientSettings, words: ClientSettings): string | null {
  const ids = new Set<string>();
  const option = given.value("group");
  if (option !== null) ids.add(option);
  for (const settings of [file, words]) {
    const id = settings["group.id"];
    if (id !== undefined) ids.add(String(id));
  }
  if (ids.size > 1) {
    const detected = [...ids].map((id) => `'${id}'`).join(", ");
    throw new UsageError(
      "The group ids provided in different places (directly using '--group', via '--consumer-property', or via " +
        `'--consumer.config') do not match. Detected group ids: ${detected}`,
    );
  }
  if (ids.size > 0 && given.has("partition")) {
    throw new UsageError("Options group and partition cannot be specified together.");
  }
  return [...ids][0] ?? null;
}

function offsetReset(given: GivenOptions, user: ClientSettings): string {
  const fromBeginning = given.has("from-beginning");
  const wanted = user["auto.offset.reset"];
  if (wanted === undefined) return fromBeginning ? "earliest" : "latest";
  if (fromBeginning && wanted !== "earliest") {
    throw new ConflictingReset(
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${wanted}', please remove one option`,
    );
  }
  return String(wanted);
}

/** Where reading of the one partition begins: an offset, or one of the two ends. */
export function startOffset(given: GivenOptions): number {
  const text = given.value("offset");
  if (text === null) return given.has("from-beginning") ? offsetSpecs.earliest : offsetSpecs.latest;
  if (text.toLowerCase() === "earliest") return offsetSpecs.earliest;
  if (text.toLowerCase() === "latest") return offsetSpecs.latest;
  const offset = /^\+?\d+$/.test(text) ? Number(text) : -1;
  if (offset >= 0 && offset < 2 ** 63) return offset;
  throw new UsageError(
    `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
  );
}
