// Who a node is and where it listens: the typed part made of node.id, process.roles, the listener settings
// and the quorum addresses, with Kafka's rules between them. The first broken rule ends the check: later ones
// would only repeat it in other words. Not here: other rules (check-rules.ts), canonical host names, name
// look-ups.
import type { Endpoint, IdentityConfig, ProcessRole, SecurityProtocol } from "../broker-config.ts";
import type { ConfigReader } from "../definitions/config-reader.ts";
import type { RuleViolation } from "./check-rules.ts";
import { parseListeners, parseProtocolMap, withControllerNames } from "./listeners.ts";
import { parseBootstrapServers, parseQuorumVoters } from "./quorum-addresses.ts";

/** `isWritten` tells whether a setting was set at all. */
export interface IdentitySources {
  readonly read: ConfigReader;
  readonly isWritten: (key: string) => boolean;
}

/** A broken rule on its way to `resolveIdentity`; never leaves this file. */
class Violated extends Error {
  readonly violation: RuleViolation;

  constructor(key: string, message: string) {
    super(message);
    this.violation = { key, message };
  }
}

function must(holds: boolean, key: string, message: string): asserts holds {
  if (!holds) throw new Violated(key, message);
}

/** The identity, or the first rule it breaks. */
export function resolveIdentity(sources: IdentitySources): IdentityConfig | RuleViolation {
  try {
    return identityOf(sources);
  } catch (error) {
    if (error instanceof Violated) return error.violation;
    throw error;
  }
}

export function isViolation(result: IdentityConfig | RuleViolation): result is RuleViolation {
  return "message" in result;
}

function identityOf(sources: IdentitySources): IdentityConfig {
  const { read } = sources;
  const roles = read.list("process.roles") as readonly ProcessRole[];
  const quorum = quorumOf(read);
  const controllerListenerNames = [...new Set(read.list("controller.listener.names").map(upperCase))];
  const protocols = protocolsOf(sources, controllerListenerNames);
  const listeners = endpointsOf(read, "listeners", protocols, true);
  const isControllers = ({ listenerName }: Endpoint): boolean =>
    controllerListenerNames.includes(listenerName);
  const advertised = sources.isWritten("advertised.listeners")
    ? endpointsOf(read, "advertised.listeners", protocols, false)
    : listeners;
  const identity: IdentityConfig = {
    nodeId: read.number("node.id"),
    processRoles: roles,
    isBroker: roles.includes("broker"),
    isController: roles.includes("controller"),
    rack: read.optional("broker.rack"),
    listeners,
    brokerListeners: listeners.filter((each) => !isControllers(each)),
    controllerListeners: listeners.filter(isControllers),
    advertisedListeners: advertised.filter((each) => !isControllers(each)),
    controllerListenerNames,
    interBrokerListenerName: interBrokerListenerName(sources, protocols),
    listenerSecurityProtocolMap: protocols,
    ...quorum,
  };
  checkQuorum(identity);
  checkControllerListeners(identity, advertised.filter(isControllers));
  if (identity.isBroker) checkBrokerListeners(identity);
  checkEarlyStartListeners(identity, read);
  return identity;
}

function upperCase(name: string): string {
  return name.toUpperCase();
}

function namesOf(endpoints: readonly Endpoint[]): readonly string[] {
  return endpoints.map(({ listenerName }) => listenerName);
}

function quorumOf(
  read: ConfigReader,
): Pick<IdentityConfig, "controllerQuorumVoters" | "controllerQuorumBootstrapServers"> {
  const voters = parseQuorumVoters(read.list("controller.quorum.voters"));
  must(voters.ok, "controller.quorum.voters", voters.ok ? "" : voters.message);
  const servers = parseBootstrapServers(read.list("controller.quorum.bootstrap.servers"));
  must(servers.ok, "controller.quorum.bootstrap.servers", servers.ok ? "" : servers.message);
  must(
    voters.value.length > 0 || servers.value.length > 0,
    "controller.quorum.bootstrap.servers",
    "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers " +
      "or controller.quorum.voters must contain a parseable set of controllers.",
  );
  return { controllerQuorumVoters: voters.value, controllerQuorumBootstrapServers: servers.value };
}

function protocolsOf(
  { read, isWritten }: IdentitySources,
  controllerListenerNames: readonly string[],
): ReadonlyMap<string, SecurityProtocol> {
  const key = "listener.security.protocol.map";
  const parsed = parseProtocolMap(read.text(key));
  must(parsed.ok, key, parsed.ok ? "" : parsed.message);
  if (isWritten(key)) return parsed.value;
  return withControllerNames(parsed.value, controllerListenerNames, read.list("listeners"));
}

function endpointsOf(
  read: ConfigReader,
  key: string,
  protocols: ReadonlyMap<string, SecurityProtocol>,
  distinctPorts: boolean,
): readonly Endpoint[] {
  const parsed = parseListeners(read.list(key), protocols, distinctPorts);
  must(parsed.ok, key, parsed.ok ? "" : parsed.message);
  return parsed.value;
}

function interBrokerListenerName(
  { read, isWritten }: IdentitySources,
  protocols: ReadonlyMap<string, SecurityProtocol>,
): string {
  const key = "inter.broker.listener.name";
  if (!isWritten(key)) return read.text("security.inter.broker.protocol");
  must(
    !isWritten("security.inter.broker.protocol"),
    key,
    `Only one of ${key} and security.inter.broker.protocol should be set.`,
  );
  const name = upperCase(read.text(key));
  must(
    protocols.has(name),
    key,
    `Listener with name ${name} defined in ${key} not found in listener.security.protocol.map.`,
  );
  return name;
}

function checkQuorum(identity: IdentityConfig): void {
  const { nodeId, controllerQuorumVoters: voters } = identity;
  if (voters.length === 0) return;
  const ids = voters.map((voter) => voter.nodeId);
  const set = `controller.quorum.voters=Set(${ids.join(", ")})`;
  if (identity.isController) {
    must(
      ids.includes(nodeId),
      "controller.quorum.voters",
      `If process.roles contains the 'controller' role, the node id ${nodeId} must be included in the set of voters ${set}`,
    );
  } else {
    must(
      !ids.includes(nodeId),
      "controller.quorum.voters",
      `If process.roles contains just the 'broker' role, the node id ${nodeId} must not be included in the set of voters ${set}`,
    );
  }
}

function checkControllerListeners(identity: IdentityConfig, advertised: readonly Endpoint[]): void {
  const key = "controller.listener.names";
  const { controllerListenerNames: names, controllerListeners: own } = identity;
  if (!identity.isController) {
    must(
      own.length === 0,
      key,
      `${key} must not contain a value appearing in the 'listeners' configuration when running KRaft with just the broker role`,
    );
    for (const name of names) {
      must(
        identity.listenerSecurityProtocolMap.has(name),
        key,
        `Controller listener with name ${name} defined in ${key} not found in listener.security.protocol.map`,
      );
    }
    return;
  }
  if (!identity.isBroker) {
    must(
      identity.brokerListeners.length === 0,
      "listeners",
      `The listeners config must only contain KRaft controller listeners from ${key} when process.roles=controller`,
    );
  }
  const open = namesOf(own);
  const tellsOfAnother = advertised.some(({ listenerName }) => !open.includes(listenerName));
  const onlyListeners = `${key} must only contain values appearing in the 'listeners' configuration when running the KRaft controller role`;
  must(!tellsOfAnother, key, onlyListeners);
  must(
    open.length > 0,
    key,
    `${key} must contain at least one value appearing in the 'listeners' configuration when running the KRaft controller role`,
  );
  must(names.length === open.length, key, onlyListeners);
}

function checkBrokerListeners(identity: IdentityConfig): void {
  const advertised = namesOf(identity.advertisedListeners);
  const open = namesOf(identity.listeners);
  must(
    advertised.length > 0,
    "advertised.listeners",
    "There must be at least one broker advertised listener. Perhaps all listeners appear in controller.listener.names?",
  );
  must(
    advertised.includes(identity.interBrokerListenerName),
    "inter.broker.listener.name",
    "inter.broker.listener.name must be a listener name defined in advertised.listeners. " +
      `The valid options based on currently configured listeners are ${advertised.join(",")}`,
  );
  must(
    advertised.every((name) => open.includes(name)),
    "advertised.listeners",
    "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. " +
      `Found ${advertised.join(",")}. The valid options based on the current configuration are ${open.join(",")}`,
  );
  must(
    identity.advertisedListeners.every(({ host }) => host !== "0.0.0.0"),
    "advertised.listeners",
    "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.",
  );
}

function checkEarlyStartListeners(identity: IdentityConfig, read: ConfigReader): void {
  const key = "early.start.listeners";
  const known = [...namesOf(identity.listeners), ...identity.controllerListenerNames];
  for (const name of read.list(key).map(upperCase)) {
    must(
      known.includes(name),
      key,
      `${key} contains listener ${name}, but this is not contained in listeners or controller.listener.names`,
    );
  }
}
