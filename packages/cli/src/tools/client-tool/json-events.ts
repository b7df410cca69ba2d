// Lines of JSON that the verifiable tools print: time and name first, then what each event has, in its order.
import type { ToolHost } from "../../options/tool-host.ts";

/** Prints one event. */
export type PrintEvent = (name: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Prints events on standard output. */
export function eventPrinter(host: ToolHost): PrintEvent {
  return (name, fields = {}) => {
    const event = { timestamp: host.ports.clock.wallMs(), name, ...fields };
    host.out(`${JSON.stringify(event)}\n`);
  };
}
