// A listening socket. `net` cannot stop accepting without dropping the kernel's backlog, so while paused the
// connections that arrive are held unread and unserved up to a limit; those beyond are closed at once.
import type { AddressInfo, Server, Socket } from "node:net";
import { HELD_CONNECTIONS_MAX, type ListenAddress, type Listener } from "../../network.ts";

/** A listener of the system. */
export class NodeListener implements Listener {
  readonly host: string;
  readonly port: number;
  #acceptErrorCount = 0;
  #isPaused = false;
  readonly #held: Socket[] = [];
  readonly #heldMax: number;
  readonly #server: Server;
  readonly #serve: (socket: Socket) => void;

  constructor(server: Server, where: ListenAddress, serve: (socket: Socket) => void) {
    this.#server = server;
    this.#serve = serve;
    this.host = where.host;
    this.#heldMax = where.heldMax ?? HELD_CONNECTIONS_MAX;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.#arrived(socket));
    // The process or the system is out of descriptors, or the peer left already: the connection is lost, the
    // listener is not.
    server.on("error", () => {
      this.#acceptErrorCount++;
    });
  }

  get acceptErrorCount(): number {
    return this.#acceptErrorCount;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (!this.#isPaused) {
      const socket = this.#held.shift();
      if (socket === undefined) return;
      this.#serve(socket);
    }
  }

  close(done: () => void): void {
    // The server's own callback waits for the last connection; the port is free at once.
    this.#server.close();
    for (const socket of this.#held.splice(0)) socket.destroy();
    setImmediate(done);
  }

  #arrived(socket: Socket): void {
    if (!this.#isPaused) {
      this.#serve(socket);
      return;
    }
    if (this.#held.length >= this.#heldMax) {
      socket.destroy();
      return;
    }
    this.#held.push(socket);
  }
}
