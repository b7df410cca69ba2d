// The environment and the settings that clients of package client have in a simulated world.
import { type ClientEnvironment, type ClientSettings, clientEnvironment } from "@ottla/client";
import type { SimClientContext } from "../sim-client.ts";

/** Surroundings of the clients of one simulated host. */
export function engineEnvironment({ ports, report }: SimClientContext): ClientEnvironment {
  return clientEnvironment(ports, { debug: report, info: report, warn: report, error: report });
}

/** What all clients have in common. */
export function engineSettings({ host, port, process, requestTimeoutMs }: SimClientContext): ClientSettings {
  return {
    "bootstrap.servers": `${host}:${port}`,
    "client.id": process,
    "request.timeout.ms": requestTimeoutMs,
    "metadata.max.age.ms": 1000,
    "retry.backoff.ms": 20,
    "retry.backoff.max.ms": 200,
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 200,
  };
}
