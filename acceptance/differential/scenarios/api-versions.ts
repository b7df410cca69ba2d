// ApiVersions on both listeners: what is served, software names, versions that are not known yet.
import { type ApiVersionsRequest, apiKeys } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { framed, headerBytes } from "../frame.ts";
import { type BoundSteps, type Steps, scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.ApiVersions>;
const software = { clientSoftwareName: "differential", clientSoftwareVersion: "1.0" };

function names(x: X, fields: Partial<ApiVersionsRequest> = software): Partial<ApiVersionsRequest> {
  return x.version >= 3 ? fields : {};
}

const table: Record<string, Steps<typeof apiKeys.ApiVersions> | BoundSteps<typeof apiKeys.ApiVersions>> = {
  "what is served": async (x) => {
    await x.ask(names(x));
  },
  "asked twice on one connection": async (x) => {
    await x.ask(names(x));
    await x.ask(names(x));
  },
  "software names that are not allowed": {
    from: 3,
    steps: async (x) => {
      for (const name of ["", "a b", "-a", "a-", "ä", "__proto__", "a".repeat(300)]) {
        await x.ask({ clientSoftwareName: name, clientSoftwareVersion: "1" });
        await x.ask({ clientSoftwareName: "a", clientSoftwareVersion: name });
      }
    },
  },
};

export const apiVersionsScenarios = [
  ...scenariosOf(apiKeys.ApiVersions, {
    ...table,
    "versions that do not exist yet": {
      to: 0,
      steps: async (x) => {
        for (const version of [5, 6, 99, 32767, -1]) {
          await x.raw(framed(headerBytes(apiKeys.ApiVersions, version, 7, 2)), `version ${version}`);
        }
      },
    },
    "a version that does not exist yet, then one that does, on one connection": {
      from: 3,
      steps: async (x) => {
        await x.raw(framed(headerBytes(apiKeys.ApiVersions, 99, 7, 2)), "unknown");
        await x.ask(names(x));
      },
    },
  }),
  ...scenariosOf(apiKeys.ApiVersions, table, "controller"),
];
