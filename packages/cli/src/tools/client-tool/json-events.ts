// Lines of JSON that the verifiable tools print: time and name first, then what each event has, in its order.
import { javaDouble } from "@ottla/protocol";
import type { ToolHost } from "../../options/tool-host.ts";

/** Prints one event. `fractions` come last, as Java writes doubles: always with a fraction. */
export type PrintEvent = (
  name: string,
  fields?: Readonly<Record<string, unknown>>,
  fractions?: Readonly<Record<string, number>>,
) => void;

/** Prints events on standard output. */
export function eventPrinter(host: ToolHost): PrintEvent {
  return (name, fields = {}, fractions = {}) => {
    const json = JSON.stringify({ timestamp: host.ports.clock.wallMs(), name, ...fields });
    const shown = Object.entries(fractions).map(([field, value]) => `,"${field}":${javaDouble(value)}`);
    host.out(`${json.slice(0, -1)}${shown.join("")}}\n`);
  };
}
