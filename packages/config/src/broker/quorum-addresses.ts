// Texts of addresses: `controller.quorum.voters`, `controller.quorum.bootstrap.servers`,
// `ottla.metrics.listener`, `max.connections.per.ip.overrides`. Complaints are Kafka's words where Kafka has
// the setting.
import type { HostAndPort, QuorumVoter } from "../broker-config.ts";
import { type Parsed, PORT_MAX } from "./listeners.ts";

const HOST_AND_PORT = /^\[?([0-9a-zA-Z\-%._:]+)\]?:(\d{1,5})$/;

/** `host:port`, IPv6 hosts in brackets. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  if (host === undefined || Number(port) > PORT_MAX) return undefined;
  return { host, port: Number(port) };
}

export function parseQuorumVoters(entries: readonly string[]): Parsed<readonly QuorumVoter[]> {
  const form = "Each entry should be in the form `{id}@{host}:{port}`.";
  const voters: QuorumVoter[] = [];
  for (const entry of entries) {
    const [id = "", address, ...more] = entry.split("@");
    if (address === undefined || more.length > 0) {
      return { ok: false, message: `Invalid configuration value for controller.quorum.voters. ${form}` };
    }
    if (!/^-?\d{1,10}$/.test(id)) {
      return { ok: false, message: `Failed to parse voter ID as an integer from ${id}` };
    }
    const parsed = parseHostAndPort(address);
    if (parsed === undefined) {
      const what = `Failed to parse host name from entry ${entry}`;
      return { ok: false, message: `${what} for the configuration controller.quorum.voters. ${form}` };
    }
    if (parsed.host === "0.0.0.0") {
      return { ok: false, message: `Host string (${parsed.host}) is not routeable` };
    }
    voters.push({ nodeId: Number(id), ...parsed });
  }
  return { ok: true, value: voters };
}

export function parseBootstrapServers(entries: readonly string[]): Parsed<readonly HostAndPort[]> {
  const servers: HostAndPort[] = [];
  for (const entry of entries) {
    const parsed = parseHostAndPort(entry);
    if (parsed === undefined) {
      const what = `Failed to parse host name from ${entry} for the configuration`;
      const form = 'Each entry should be in the form "{host}:{port}"';
      return { ok: false, message: `${what} controller.quorum.bootstrap.servers. ${form}` };
    }
    servers.push(parsed);
  }
  return { ok: true, value: servers };
}

/** `host:limit,...`; hosts are names or addresses. */
export function parsePerIpOverrides(text: string): Parsed<ReadonlyMap<string, number>> {
  const overrides = new Map<string, number>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [, host, limit] = /^(.+):\s*(\d{1,10})$/.exec(entry) ?? [];
    if (host === undefined) {
      const key = "max.connections.per.ip.overrides";
      return { ok: false, message: `Error parsing configuration property '${key}': no limit in '${entry}'` };
    }
    overrides.set(host.trim(), Number(limit));
  }
  return { ok: true, value: overrides };
}
