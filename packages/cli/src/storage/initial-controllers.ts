// Who votes in a new cluster: `--initial-controllers id@host:port:directory-id,…`, or this controller alone
// (`--standalone`).
import type { BrokerConfig } from "@ottla/config";
import type { InitialController } from "@ottla/metadata";
import { parseUuid, type Uuid } from "@ottla/protocol";

/** Parses the argument; each voter is reached by the first controller listener's name. */
export function parseInitialControllers(
  argument: string,
  listenerName: string,
): readonly InitialController[] | { readonly problem: string } {
  if (argument.trim() === "") return { problem: "No voters given." };
  const controllers: InitialController[] = [];
  for (const entry of argument.split(",").map((part) => part.trim())) {
    const [, id, address] = /^(\d{1,10})@(.*)$/.exec(entry) ?? [];
    if (id === undefined || address === undefined) {
      return { problem: `No @ found in dynamic voter string. '${entry}' is not of the form ${form}` };
    }
    const [, bracketed, bare, port, directory] =
      /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5}):(.*)$/.exec(address) ?? [];
    const host = bracketed ?? bare;
    if (host === undefined || port === undefined || Number(port) > 65_535) {
      return {
        problem: `Failed to parse host, port and directory of '${entry}': it is not of the form ${form}`,
      };
    }
    const directoryId = parseUuid(directory ?? "");
    if (directoryId === null)
      return { problem: `Failed to parse directory ID in dynamic voter string '${entry}'.` };
    const endpoints = [{ name: listenerName, host, port: Number(port) }];
    controllers.push({ nodeId: Number(id), directoryId, endpoints });
  }
  const ids = new Set(controllers.map(({ nodeId }) => nodeId));
  if (ids.size < controllers.length) return { problem: `A node id stands twice in '${argument}'` };
  return controllers;
}

const form = "id@host:port:directory-id";

/** The quorum of this node alone. */
export function standaloneController(config: BrokerConfig, directoryId: Uuid): InitialController {
  const name = config.controllerListenerNames[0] ?? "CONTROLLER";
  const { host, port } = advertisedController(config, name);
  return { nodeId: config.nodeId, directoryId, endpoints: [{ name, host: host || "localhost", port }] };
}

/** What `advertised.listeners` says of the controller listener; else where it listens. */
function advertisedController(config: BrokerConfig, name: string): { host: string; port: number } {
  for (const entry of (config.values.get("advertised.listeners") ?? "").split(",")) {
    const [, listener, host = "", port] = /^([^:]+):\/\/\[?(.*?)\]?:(\d+)$/.exec(entry.trim()) ?? [];
    if (listener?.toUpperCase() === name) return { host, port: Number(port) };
  }
  const { host, port } = config.controllerListeners.find(({ listenerName }) => listenerName === name) ?? {
    host: "",
    port: 0,
  };
  return { host, port };
}
