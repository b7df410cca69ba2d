// Texts of listener settings as endpoints: `listeners`, `advertised.listeners`,
// `listener.security.protocol.map`. Complaints are Kafka's words. Not here: which listeners a role needs
// (check-rules.ts).
import type { Endpoint, SecurityProtocol } from "../broker-config.ts";

const ENDPOINT = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?\d{1,10})$/;
const PROTOCOLS: readonly string[] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
export const PORT_MAX = 65535;

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

/** `NAME:PROTOCOL,...`; names are kept in upper case, as everywhere. */
export function parseProtocolMap(text: string): Parsed<Map<string, SecurityProtocol>> {
  const key = "listener.security.protocol.map";
  const map = new Map<string, SecurityProtocol>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const split = entry.lastIndexOf(":");
    if (split < 0) {
      return {
        ok: false,
        message: `Error parsing configuration property '${key}': no protocol in '${entry}'`,
      };
    }
    const protocol = entry
      .slice(split + 1)
      .trim()
      .toUpperCase();
    if (!PROTOCOLS.includes(protocol)) {
      const message = `Invalid security protocol \`${entry.slice(split + 1).trim()}\` defined in ${key}`;
      return { ok: false, message };
    }
    map.set(entry.slice(0, split).trim().toUpperCase(), protocol as SecurityProtocol);
  }
  return { ok: true, value: map };
}

/** Endpoints of a listener list; `distinctPorts` for sockets that are opened, not for what is only told. */
export function parseListeners(
  entries: readonly string[],
  protocols: ReadonlyMap<string, SecurityProtocol>,
  distinctPorts: boolean,
): Parsed<readonly Endpoint[]> {
  const shown = `[${entries.join(", ")}]`;
  const fail = (why: string): Parsed<never> => ({
    ok: false,
    message: `Error creating broker listeners from '${shown}': ${why}`,
  });
  const endpoints: Endpoint[] = [];
  for (const entry of entries) {
    const [, name, host, portText] = ENDPOINT.exec(entry) ?? [];
    if (name === undefined || host === undefined)
      return fail(`Unable to parse ${entry} to a broker endpoint`);
    const listenerName = name.toUpperCase();
    const securityProtocol = protocols.get(listenerName);
    if (securityProtocol === undefined)
      return fail(`No security protocol defined for listener ${listenerName}`);
    const port = Number(portText);
    if (port < 0 || port > PORT_MAX) return fail(`Port ${port} of ${entry} is not between 0 and ${PORT_MAX}`);
    endpoints.push({ listenerName, securityProtocol, host, port });
  }
  if (new Set(endpoints.map((each) => each.listenerName)).size < endpoints.length) {
    return fail(`Each listener must have a different name, listeners: ${shown}`);
  }
  if (distinctPorts && endpoints.some((each, index) => takesPortOf(endpoints.slice(0, index), each))) {
    return fail(`Each listener must have a different port, listeners: ${shown}`);
  }
  return { ok: true, value: endpoints };
}

/**
 * The protocol map with controller listeners as PLAINTEXT where nothing says otherwise (Kafka's default for
 * KRaft).
 */
export function withControllerNames(
  protocols: Map<string, SecurityProtocol>,
  controllerListenerNames: readonly string[],
  listeners: readonly string[],
): Map<string, SecurityProtocol> {
  const isSecured = listeners.some((entry) => /^(SSL|SASL_PLAINTEXT|SASL_SSL):/i.test(entry));
  if (isSecured) return protocols;
  for (const name of controllerListenerNames) {
    if (!protocols.has(name) && !PROTOCOLS.includes(name)) protocols.set(name, "PLAINTEXT");
  }
  return protocols;
}

/** Port 0 is drawn by the system; an IPv4 and an IPv6 address may share a port. */
function takesPortOf(earlier: readonly Endpoint[], endpoint: Endpoint): boolean {
  if (endpoint.port === 0) return false;
  const same = earlier.filter(({ port }) => port === endpoint.port);
  if (same.length === 0) return false;
  const kinds = new Set([...same, endpoint].map(({ host }) => addressKind(host)));
  return same.length > 1 || kinds.size < 2 || kinds.has("name");
}

function addressKind(host: string): "ipv4" | "ipv6" | "name" {
  if (host.includes(":")) return "ipv6";
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? "ipv4" : "name";
}
