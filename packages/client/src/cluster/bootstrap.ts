// The addresses a client begins with.
import { ConfigError } from "../config/config-error.ts";
import { BOOTSTRAP_ADDRESSES_MAX } from "../limits.ts";
import type { ClusterNode } from "./cluster-node.ts";

const ADDRESS = /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)$/;

/** Nodes −1, −2 … for a list of `host:port`. Throws `ConfigError` with Kafka's texts. */
export function bootstrapNodes(key: string, addresses: readonly string[]): readonly ClusterNode[] {
  const nodes = addresses.slice(0, BOOTSTRAP_ADDRESSES_MAX).map((address, index) => {
    const [, host, port] = ADDRESS.exec(address) ?? [];
    if (host === undefined || host === "") {
      throw new ConfigError(key, `Invalid url in ${key}: ${address}`);
    }
    if (Number(port) > 65535) throw new ConfigError(key, `Invalid port in ${key}: ${address}`);
    return { id: -1 - index, host, port: Number(port), rack: null };
  });
  if (nodes.length === 0) throw new ConfigError(key, `No resolvable bootstrap urls given in ${key}`);
  return nodes;
}
