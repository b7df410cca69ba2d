// `/metrics` and `/healthz` over HTTP, on a port of their own. Answers from the first moment of a start, so
// that a probe can tell a node that still recovers from one that is gone. Not here: what the numbers mean
// (broker), how they look (prometheus-text.ts).
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
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
  let http: Promise<HttpServer> | null = null;
  // Node's HTTP is loaded for the first visitor: it takes 10 MB and 30 ms, which most starts can do without.
  const listener = createServer({ pauseOnConnect: true }, (socket) => {
    http ??= import("node:http").then(({ createServer: createHttpServer }) =>
      httpServer(createHttpServer, view),
    );
    void http.then((server) => {
      server.emit("connection", socket);
      socket.resume();
    });
  });
  listener.maxConnections = httpLimits.connectionsMax;
  await listening(listener, where);
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => {
      listener.close();
      void http?.then((server) => server.closeAllConnections());
    },
  };
}

/** Takes connections that are handed to it; it never listens. */
function httpServer(create: typeof import("node:http").createServer, view: OperationView): HttpServer {
  const server = create({ keepAliveTimeout: httpLimits.keepAliveMs }, (request, response) => {
    answerRequest(request, response, view);
  });
  server.requestTimeout = httpLimits.requestMsMax;
  server.headersTimeout = httpLimits.requestMsMax;
  return server;
}

function answerRequest(request: IncomingMessage, response: ServerResponse, view: OperationView): void {
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

function answer(response: ServerResponse, status: number, text: string, type?: string): void {
  response.writeHead(status, {
    "content-type": type ?? "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(text);
}
