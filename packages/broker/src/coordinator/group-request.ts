// A request as the group coordinator knows it: who asks, and from where, in the words that DescribeGroups has
// for it.
import type { GroupRequestContext } from "@ottla/coordinator";
import type { RequestContext } from "../dispatch/request-context.ts";

const mappedPrefix = "::ffff:";
const groupsOfAddress = 8;

/** The part of a request's context that matters to a group. */
export function groupRequest(context: RequestContext): GroupRequestContext {
  return new GroupRequest(context);
}

/** Few requests are asked where they come from. */
class GroupRequest implements GroupRequestContext {
  readonly apiVersion: number;
  readonly clientId: string;
  readonly #clientAddress: string;

  constructor({ apiVersion, clientId, clientAddress }: RequestContext) {
    this.apiVersion = apiVersion;
    this.clientId = clientId ?? "";
    this.#clientAddress = clientAddress;
  }

  get clientHost(): string {
    return `/${printedAddress(this.#clientAddress)}`;
  }
}

/** An address as Kafka prints it: IPv6 with all its groups, mapped IPv4 as IPv4. */
function printedAddress(address: string): string {
  if (!address.includes(":")) return address;
  if (address.startsWith(mappedPrefix) && address.includes(".")) return address.slice(mappedPrefix.length);
  const [plain = ""] = address.split("%");
  const [head = "", tail] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, groupsOfAddress - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill("0"), ...right].join(":");
}
