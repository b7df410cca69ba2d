// What a client logs when a node cannot be reached or is lost: Apache Kafka's lines.
import { NetworkError } from "@ottla/ports";
import type { RpcError } from "@ottla/rpc";
import type { ClientLogger } from "../environment/client-environment.ts";
import { type ClusterNode, nodeText } from "./cluster-node.ts";

export const NETWORK_ORIGIN = "org.apache.kafka.clients.NetworkClient";

/** Logs a failed attempt or a lost connection. */
export function logDown(
  logger: ClientLogger,
  node: ClusterNode,
  error: RpcError,
  warnsOfBootstrap: boolean,
): void {
  if (error.reason === "connect-failed") {
    const at = `node ${node.id} (${addressText(node, error)})`;
    logger.warn(`Connection to ${at} could not be established. Node may not be available.`, NETWORK_ORIGIN);
  } else {
    logger.info(`Node ${node.id} disconnected.`, NETWORK_ORIGIN);
  }
  if (error.reason === "malformed" || error.reason === "too-large") {
    logger.warn(`Node ${node.id}: ${error.message}`, NETWORK_ORIGIN);
  }
  if (node.id < 0 && warnsOfBootstrap) {
    logger.warn(`Bootstrap broker ${nodeText(node)} disconnected`, NETWORK_ORIGIN);
  }
}

/** `localhost/127.0.0.1:9092`, or `/127.0.0.1:9092` for an address that has no name. */
function addressText(node: ClusterNode, error: RpcError): string {
  if (/^[\d.]+$|:/.test(node.host)) return `/${node.host}:${node.port}`;
  const address = addressOf(error.cause);
  return address === null ? `${node.host}:${node.port}` : `${node.host}/${address}:${node.port}`;
}

/** The address that was tried last, which the system's error knows. */
function addressOf(cause: unknown): string | null {
  const system = cause instanceof NetworkError ? cause.cause : null;
  const last = system instanceof AggregateError ? system.errors.at(-1) : system;
  const address: unknown = (last as { address?: unknown } | null | undefined)?.address;
  return typeof address === "string" ? address : null;
}
