// What --add-config, --add-config-file and --delete-config say.
import { parseProperties } from "@ottla/config";
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument } from "../../options/java-exception.ts";
import { readUserFile } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";

/** A comma or equals sign that stands in no brackets. */
const OUTSIDE_BRACKETS = "(?=[^\\]]*(?:\\[|$))";

/** Settings to make, by name. Throws Kafka's texts. */
export function addedConfigs(given: GivenOptions, host: ToolHost): ReadonlyMap<string, string> {
  const configs = new Map<string, string>();
  const file = given.value("add-config-file");
  if (file !== null) {
    for (const { key, value } of parseProperties(readUserFile(host, file), file)) configs.set(key, value);
  }
  const list = given.value("add-config");
  if (list !== null) for (const [name, value] of parseConfigList(list)) configs.set(name, value);
  const bad = [...configs.keys()].find((name) => !/^[a-zA-Z0-9._-]*$/.test(name));
  if (bad !== undefined) throw illegalArgument(`Invalid character found for config key: ${bad}`);
  return configs;
}

/** `k1=v1,k2=[v1,v2]`. */
export function parseConfigList(list: string): ReadonlyMap<string, string> {
  const pairs = list
    .split(new RegExp(`,${OUTSIDE_BRACKETS}`))
    .map((pair) => pair.split(new RegExp(`\\s*=\\s*${OUTSIDE_BRACKETS}`)));
  if (pairs.some((pair) => pair.length !== 2)) {
    throw illegalArgument(
      'requirement failed: Invalid entity config: all configs to be added must be in the format "key=val" or  ' +
        '"key=[val1,val2]" to group values which contain commas.',
    );
  }
  return new Map(pairs.map(([name = "", value = ""]) => [name.trim(), value.replace(/[[\]]/g, "").trim()]));
}

/** Names of settings to take back. */
export function deletedConfigs(given: GivenOptions): readonly string[] {
  return given.values("delete-config").map((name) => name.trim());
}
