// Frames that are no requests: lengths, keys, versions, bodies that are cut or run on. Compared is what the
// peer does: answer, close, wait.
import { type ApiKey, apiFacts, apiKeys, findApi, requestHeaderVersion } from "@ottla/protocol";
import { framed, headerBytes, requestBytes } from "../frame.ts";
import type { ListenerName, Scenario } from "../scenario.ts";
import { newerIn44, servedByBoth } from "../served-apis.ts";
import { sampleRequest } from "./sample-requests.ts";

/** Of an answer whose content other scenarios compare. */
const correlationIdBytes = 4;

type X = Parameters<Scenario["steps"]>[0];

/** Frames have no version of their own: they ride on version 0 of ApiVersions. */
function frames(name: string, listener: ListenerName, steps: (x: X) => Promise<void>): Scenario {
  const apiName = listener === "broker" ? "Frames" : "Frames (controller)";
  return { api: apiKeys.ApiVersions, apiName, name, listener, from: 0, to: 0, steps };
}

function lengthPrefix(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  return bytes;
}

/** On the listener of brokers, with the same versions on both sides. */
const served: readonly ApiKey[] = apiFacts
  .filter(
    ({ key, listeners }) => listeners.includes("broker") && servedByBoth.has(key) && !newerIn44.has(key),
  )
  .map(({ key }) => key);

async function sendCuts(x: X, key: ApiKey): Promise<void> {
  const fact = findApi(key);
  if (fact === undefined) return;
  for (let version = fact.minVersion; version <= fact.latestStable; version++) {
    const whole = requestBytes(key, version, sampleRequest(key, version), 5);
    const header = headerBytes(key, version, 5, requestHeaderVersion(key, version)).length;
    for (const end of new Set([header, header + ((whole.length - header) >> 1), whole.length - 1])) {
      if (end < whole.length)
        await x.raw(
          framed(whole.subarray(0, end)),
          `v${version} cut to ${end - whole.length}`,
          correlationIdBytes,
        );
    }
    if (key !== apiKeys.Produce) {
      await x.raw(
        framed(Buffer.concat([whole, Buffer.from([1, 2, 3])])),
        `v${version} with bytes behind`,
        correlationIdBytes,
      );
    }
  }
}

const cuts = served.map((key) =>
  frames(`${findApi(key)?.name ?? key}: bodies that are cut or run on`, "broker", (x) => sendCuts(x, key)),
);

export const frameScenarios: readonly Scenario[] = [
  frames("lengths that are zero, negative, huge", "broker", async (x) => {
    for (const length of [0, -1, -2147483648, 2147483647, 104857601]) {
      await x.raw(lengthPrefix(length), `length ${length}`);
      await x.raw(Buffer.concat([lengthPrefix(length), Buffer.alloc(64)]), `length ${length} and 64 bytes`);
    }
  }),
  frames("frames shorter than a header", "broker", async (x) => {
    for (const length of [1, 2, 4, 7, 8, 9])
      await x.raw(framed(Buffer.alloc(length)), `${length} zero bytes`);
  }),
  frames("garbage", "broker", async (x) => {
    await x.raw(Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP");
    await x.raw(Buffer.from("160301020001000001fc0303", "hex"), "TLS");
    await x.raw(framed(Buffer.alloc(100, 0xff)), "ones");
    await x.raw(framed(Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 37) & 0xff))), "noise");
  }),
  frames("API keys that do not exist", "broker", async (x) => {
    const known = new Set(apiFacts.map(({ key }) => key as number));
    for (let key = -1; key <= 127; key++) {
      if (!known.has(key)) await x.raw(framed(headerBytes(key, 0, 5, 1)), `key ${key}`);
    }
    for (const key of [-32768, 32767, 1000]) await x.raw(framed(headerBytes(key, 0, 5, 1)), `key ${key}`);
  }),
  frames("API keys of the other listener", "broker", async (x) => {
    for (const { key, listeners } of apiFacts) {
      if (listeners.includes("broker")) continue;
      await x.raw(framed(headerBytes(key, 0, 5, 1)), `key ${key}`);
    }
  }),
  frames("versions that do not exist", "broker", async (x) => {
    for (const key of served) {
      const fact = findApi(key);
      if (fact === undefined || key === apiKeys.ApiVersions) continue;
      for (const version of [-1, fact.minVersion - 1, fact.maxVersion + 1, 32767, -32768]) {
        await x.raw(framed(headerBytes(key, version, 5, 2)), `key ${key} version ${version}`);
      }
    }
  }),
  frames("client ids: null, long, not UTF-8, negative length", "broker", async (x) => {
    const header = Buffer.from("00120000000000050000", "hex");
    const withLength = (length: number, tail: Buffer): Buffer => {
      const bytes = Buffer.concat([header, tail]);
      bytes.writeInt16BE(length, 8);
      return framed(bytes);
    };
    await x.raw(withLength(-1, Buffer.alloc(0)), "null", correlationIdBytes);
    await x.raw(withLength(-2, Buffer.alloc(0)), "-2", correlationIdBytes);
    await x.raw(withLength(0, Buffer.alloc(0)), "empty", correlationIdBytes);
    await x.raw(withLength(5, Buffer.alloc(2)), "too short", correlationIdBytes);
    await x.raw(withLength(32767, Buffer.alloc(32767, 0x61)), "long", correlationIdBytes);
    await x.raw(withLength(2, Buffer.from([0xff, 0xfe])), "not UTF-8", correlationIdBytes);
    await x.raw(withLength(9, Buffer.from("__proto__")), "__proto__", correlationIdBytes);
  }),
  ...cuts,
  frames("API keys that do not exist or are not for controllers", "controller", async (x) => {
    for (const key of [-1, 127, 1000, apiKeys.Produce, apiKeys.Metadata, apiKeys.JoinGroup]) {
      await x.raw(framed(headerBytes(key, 3, 5, 1)), `key ${key}`);
    }
  }),
];
