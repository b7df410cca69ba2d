// What files written for older Kafka leave out or call by another name: `broker.id` is `node.id`, `host.name`
// and `port` are a PLAINTEXT listener, and a file that gives a broker its id and names no controller at all
// is a broker and controller in one. Apache Kafka 4 refuses such a file, so nothing that it takes means
// anything else here.
import type { PropertyEntry } from "../parse-properties.ts";

type Written = Map<string, PropertyEntry>;

const CLIENT_PORT_DEFAULT = 9092;
/** The controller's port lies this far from the client's, out of the way of brokers on ports next to it. */
const CONTROLLER_PORT_DISTANCE = 10_000;
const CONTROLLER_PORT_MAX = 65_535;

/** Adds to `written` what the old names mean. */
export function adoptOldNames(written: Written): void {
  const [brokerId, nodeId] = [written.get("broker.id"), written.get("node.id")];
  if (brokerId && !nodeId) written.set("node.id", brokerId);
  if (nodeId && !brokerId) written.set("broker.id", nodeId);
  const port = written.get("port") ?? written.get("host.name");
  if (port && !written.has("listeners")) {
    const host = written.get("host.name")?.value.trim() ?? "";
    const value = `PLAINTEXT://${host}:${written.get("port")?.value.trim() ?? CLIENT_PORT_DEFAULT}`;
    written.set("listeners", { key: "listeners", value, origin: port.origin });
  }
  const id = brokerId ?? nodeId;
  if (id !== undefined && namesNoController(written)) becomeSingleNode(written, id);
}

function namesNoController(written: Written): boolean {
  const isControllers = (key: string): boolean => key === "process.roles" || key.startsWith("controller.");
  return ![...written.keys()].some(isControllers);
}

function becomeSingleNode(written: Written, id: PropertyEntry): void {
  const { origin } = id;
  const set = (key: string, value: string): void => void written.set(key, { key, value, origin });
  const clients = written.get("listeners")?.value.trim() ?? `PLAINTEXT://:${CLIENT_PORT_DEFAULT}`;
  const clientPort = Number(/:(\d+)\s*(?:,|$)/.exec(clients)?.[1] ?? CLIENT_PORT_DEFAULT);
  const above = clientPort + CONTROLLER_PORT_DISTANCE;
  const port = above <= CONTROLLER_PORT_MAX ? above : clientPort - CONTROLLER_PORT_DISTANCE;
  set("process.roles", "broker,controller");
  set("listeners", `${clients},CONTROLLER://127.0.0.1:${port}`);
  set("controller.listener.names", "CONTROLLER");
  set("controller.quorum.voters", `${id.value.trim()}@127.0.0.1:${port}`);
}
