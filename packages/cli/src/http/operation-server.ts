// `/metrics` and `/healthz` over HTTP, on a port of their own. Answers from the first moment of a start, so that a probe can tell
// a node that still recovers from one that is gone. Not here: what the numbers mean (broker), how they look (prometheus-text.ts).
import type { Server, ServerResponse } from "node:http";
import type { HostAndPort } from "@ottla/config";
import { httpLimits } from "./limits.ts";
import { PROMETHEUS_CONTENT_TYPE } from "./prometheus-text.ts";

/** What is shown. Both are asked at every request. */
export interface OperationView {
  /** In the text format. */
  readonly metrics: () => string;
  /** Why the node is not healthy, one reason a line; empty when it is. */
  readonly complaints: () => readonly string[];
}

/** A listening server. */
export interface OperationServer {
  readonly port: number;
  close(): void;
}

/** Listens on `where`. The promise is refused with the system's error when that is impossible. */
export async function openOperationServer(where: HostAndPort, view: OperationView): Promise<OperationServer> {
  // Loaded on use: it costs 8 MB, which a node without the listener saves.
  const { createServer } = await import("node:http");
  const server = createServer({ keepAliveTimeout: httpLimits.keepAliveMs }, (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      answer(response, 405, "only GET\n");
      return;
    }
    const path = request.url?.split("?")[0];
    if (path === "/metrics") answer(response, 200, view.metrics(), PROMETHEUS_CONTENT_TYPE);
    else if (path === "/healthz") {
      const complaints = view.complaints();
      if (complaints.length === 0) answer(response, 200, "ok\n");
      else answer(response, 503, complaints.map((line) => `${line}\n`).join(""));
    } else answer(response, 404, "/metrics or /healthz\n");
  });
  server.maxConnections = httpLimits.connectionsMax;
  server.requestTimeout = httpLimits.requestMsMax;
  server.headersTimeout = httpLimits.requestMsMax;
  await listening(server, where);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : where.port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listening(server: Server, { host, port }: HostAndPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(text);
}
