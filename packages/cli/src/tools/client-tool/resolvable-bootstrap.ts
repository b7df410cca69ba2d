// Whether a client can be made at all: where no bootstrap address has a name that resolves, Kafka's clients
// do not come into being.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { ClientSettings } from "@ottla/client";
import { JavaException } from "../../options/java-exception.ts";
import { logLine } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";

const LOGGER = "org.apache.kafka.clients.ClientUtils";

/** Tells of every name that does not resolve. Throws `JavaException` when none does. */
export async function checkBootstrapResolves(
  settings: ClientSettings,
  client: "producer" | "consumer" | "admin",
  host: ToolHost,
): Promise<void> {
  const servers = String(settings["bootstrap.servers"] ?? "").split(",");
  const addresses = servers.map((server) => server.trim()).filter((server) => server !== "");
  const resolved = await Promise.all(addresses.map((address) => resolves(address, host)));
  if (addresses.length === 0 || resolved.includes(true)) return;
  const cause = new JavaException(
    "org.apache.kafka.common.config.ConfigException",
    "No resolvable bootstrap urls given in bootstrap.servers",
  );
  const message =
    client === "admin" ? "Failed to create new KafkaAdminClient" : `Failed to construct kafka ${client}`;
  throw new JavaException("org.apache.kafka.common.KafkaException", message, { cause });
}

/** Addresses without a name to resolve are left to the client. */
async function resolves(address: string, host: ToolHost): Promise<boolean> {
  const name = /^(?:[\w+.-]*:\/\/)?([^:[\]]+):\d+$/.exec(address)?.[1];
  if (name === undefined || isIP(name) !== 0) return true;
  try {
    await lookup(name);
    return true;
  } catch {
    const text = `Couldn't resolve server ${address} from bootstrap.servers as DNS resolution failed for ${name}`;
    logLine(host, "WARN", text, LOGGER);
    return false;
  }
}
