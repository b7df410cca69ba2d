// TCP by `node:net`. Every socket has Nagle off, because replies are gathered into one write per turn
// already, and probes a silent peer after 30 seconds.
import net from "node:net";
import {
  type Connection,
  type ConnectionEvents,
  type ListenAddress,
  type Listener,
  type Network,
  NetworkError,
} from "../../network.ts";
import { KEEPALIVE_DELAY_MS } from "../limits.ts";
import { HandleWriter } from "./handle-writer.ts";
import { NodeConnection } from "./node-connection.ts";
import { NodeListener } from "./node-listener.ts";
import { adoptAccepted, onreadInto, ReceiveBuffer } from "./receive.ts";

/** How the network receives. */
export interface NodeNetworkOptions {
  /**
   * `shared`: one buffer for all connections. `data`: plain events, for runtimes without the former. Default:
   * what works here.
   */
  readonly receive?: "shared" | "data";
  /** `handle`: past the socket's stream. `socket`: through it. Default: what works here. */
  readonly send?: "handle" | "socket";
}

type Accept = (connection: Connection) => ConnectionEvents | null;
type Connected = (result: Connection | NetworkError) => ConnectionEvents | null;

class NodeNetwork implements Network {
  readonly #shared: ReceiveBuffer | null;
  readonly #writer: HandleWriter | null;
  #nextId = 1;

  constructor(options: NodeNetworkOptions) {
    // Adopted handles receive nothing on bun.
    const receive = options.receive ?? (process.versions["bun"] === undefined ? "shared" : "data");
    this.#shared = receive === "shared" ? new ReceiveBuffer() : null;
    this.#writer = options.send === "socket" ? null : HandleWriter.create();
  }

  listen(where: ListenAddress, accept: Accept, done: (result: Listener | NetworkError) => void): void {
    const server = net.createServer({
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_DELAY_MS,
    });
    const failed = (error: NodeJS.ErrnoException) => {
      const code = error.code ?? "EIO";
      done(new NetworkError("listen", where.host, where.port, code, { cause: error }));
    };
    server.once("error", failed);
    server.listen({ host: where.host, port: where.port, backlog: where.backlog }, () => {
      server.off("error", failed);
      done(new NodeListener(server, where, (socket) => this.#accepted(socket, accept)));
    });
  }

  connect(
    where: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    connected: Connected,
  ): void {
    const connection = new NodeConnection(this.#nextId++, this.#writer);
    const options: net.TcpNetConnectOpts = {
      host: where.host,
      port: where.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_DELAY_MS,
    };
    if (this.#shared !== null) options.onread = onreadInto(connection, this.#shared);
    const socket = net.connect(options);
    if (this.#shared === null) socket.on("data", (chunk: Uint8Array) => connection.onBytes(chunk));
    // Nothing flows before the owner has said where to.
    socket.pause();
    const failed = (error: NodeJS.ErrnoException) => {
      clearTimeout(timeout);
      const code = error.code ?? "EIO";
      connected(new NetworkError("connect", where.host, where.port, code, { cause: error }));
    };
    const timeout = setTimeout(() => {
      socket.off("error", failed);
      socket.destroy();
      connected(new NetworkError("connect", where.host, where.port, "ETIMEDOUT"));
    }, where.timeoutMs);
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timeout);
      socket.off("error", failed);
      connection.attach(socket, endpointsOf(socket));
      connection.start(connected(connection));
    });
  }

  #accepted(accepted: net.Socket, accept: Accept): void {
    const endpoints = endpointsOf(accepted);
    const connection = new NodeConnection(this.#nextId++, this.#writer);
    const shared = this.#shared;
    const adopted = shared === null ? null : adoptAccepted(accepted, connection, shared);
    const socket = adopted ?? accepted;
    if (adopted === null) socket.on("data", (chunk: Uint8Array) => connection.onBytes(chunk));
    connection.attach(socket, endpoints);
    connection.start(accept(connection));
  }
}

function endpointsOf(socket: net.Socket): {
  remoteAddress: string;
  remotePort: number;
  localPort: number;
} {
  return {
    remoteAddress: socket.remoteAddress ?? "",
    remotePort: socket.remotePort ?? 0,
    localPort: socket.localPort ?? 0,
  };
}

/** The network of this machine. */
export function createNodeNetwork(options: NodeNetworkOptions = {}): Network {
  return new NodeNetwork(options);
}
