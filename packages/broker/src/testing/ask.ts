// Asks a served API without sockets: through the codec both ways, so that what a handler answers is also what
// can be written.
import { runWhole } from "@ottla/ports";
import { Reader, Writer } from "@ottla/protocol";
import type { Authorizer } from "../authorizer/authorizer.ts";
import type { BrokerServices } from "../broker-services.ts";
import type { AnyApiEntry } from "../dispatch/api-entry.ts";
import { findServedApi } from "../dispatch/api-table.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

/** A request context whose every answer comes from an authorizer. */
export function testContext(
  broker: BrokerServices,
  entry: AnyApiEntry,
  apiVersion: number,
  events: string[] = [],
): RequestContext {
  const authorizer: Authorizer = broker.authorizer;
  const isAllowed: RequestContext["isAllowed"] = (operation, resourceType, name) =>
    authorizer.isAllowed({
      principal: "User:test",
      clientAddress: "10.1.1.1",
      operation,
      resourceType,
      name,
    });
  return {
    apiKey: entry.key,
    apiVersion,
    correlationId: 7,
    clientId: "test",
    principal: "User:test",
    listenerName: entry.listeners.includes("broker") ? "PLAINTEXT" : "CONTROLLER",
    clientAddress: "10.1.1.1",
    receivedMs: 0,
    allowed: (operation, resourceType, names) =>
      new Set([...names].filter((name) => isAllowed(operation, resourceType, name))),
    isAllowed,
    appended: () => events.push("appended"),
    closeConnection: (reason) => events.push(`close: ${reason}`),
    whenGone: () => {},
    inSlices: (pieces, done) => done(runWhole(pieces)),
    answersInSlices: () => {},
    takeBack: () => false,
    keepFrame: () => true,
    clientSoftware: (name, version) => events.push(`software: ${name} ${version}`),
  };
}

/** The entry of a served API; throws when there is none. */
export function servedApi(key: number): AnyApiEntry {
  const entry = findServedApi(key, "broker") ?? findServedApi(key, "controller");
  if (entry === undefined) throw new Error(`API ${key} is not served`);
  return entry;
}

/**
 * Sends `fields` of a request in `version` and decodes the answer; null when none came in this turn, or none
 * ever comes.
 */
export function ask(
  broker: BrokerServices,
  key: number,
  version: number,
  fields: Readonly<Record<string, unknown>>,
): unknown {
  const entry = servedApi(key);
  const writer = new Writer();
  entry.codec.encodeRequest(writer, entry.codec.makeRequest(fields), version);
  const request = entry.codec.decodeRequest(new Reader(writer.toBytes()), version);
  let answer: unknown = null;
  const answerWith = (response: unknown): void => {
    if (response === null) return;
    const reply = new Writer();
    entry.codec.encodeResponse(reply, response, version);
    answer = entry.codec.decodeResponse(new Reader(reply.toBytes()), version);
  };
  const context = testContext(broker, entry, version);
  if (typeof entry.authorise === "object") {
    const { onCluster } = entry.authorise;
    if (!context.isAllowed(onCluster, "CLUSTER", clusterResourceName)) {
      throw new Error("dispatch refuses this before the handler; ask through a socket");
    }
  }
  entry.handler(broker, context, request, answerWith);
  return answer;
}
