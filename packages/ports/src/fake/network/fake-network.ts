// The network as one simulated node sees it. A node is reached by its name or address; `localhost` is the
// node itself; a listener takes connections for every address of its node.
import {
  type Connection,
  type ConnectionEvents,
  type Listener,
  type Network,
  NetworkError,
} from "../../network.ts";
import type { FakeLife } from "../fake-life.ts";
import { RECEIVE_BUFFER_BYTES, RETRY_US } from "../limits.ts";
import type { ConnectionOwner, FakeConnection } from "./fake-connection.ts";
import { FakeListener } from "./fake-listener.ts";

type Connected = (result: Connection | NetworkError) => ConnectionEvents | null;
interface Target {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** The network of one life. */
export class FakeNetwork implements Network, ConnectionOwner {
  readonly life: FakeLife;
  #buffer: Uint8Array | null = null;

  constructor(life: FakeLife) {
    this.life = life;
  }

  get receiveBuffer(): Uint8Array {
    this.#buffer ??= new Uint8Array(RECEIVE_BUFFER_BYTES);
    return this.#buffer;
  }

  closed(connection: FakeConnection): void {
    this.life.world.fabric.closed(connection);
  }

  listen(
    where: { readonly host: string; readonly port: number; readonly backlog: number },
    accept: (connection: Connection) => ConnectionEvents | null,
    done: (result: Listener | NetworkError) => void,
  ): void {
    const { fabric } = this.life.world;
    const { name } = this.life.host;
    this.life.schedule("net-listen", 1, () => {
      const port = where.port === 0 ? fabric.freePort(name) : where.port;
      if (fabric.listenerAt(name, port) !== undefined) {
        done(new NetworkError("listen", where.host, port, "EADDRINUSE"));
        return;
      }
      const listener = new FakeListener(this.life, { ...where, port }, accept, () =>
        fabric.unlisten(name, port),
      );
      fabric.listen(name, listener);
      done(listener);
    });
  }

  connect(where: Target, connected: Connected): void {
    const { world } = this.life;
    const deadlineUs = world.nowUs + where.timeoutMs * 1000;
    this.#knock(where, deadlineUs, connected);
  }

  /** One attempt to reach the target; silence is answered with another until the time is up. */
  #knock(where: Target, deadlineUs: number, connected: Connected): void {
    const { world, host } = this.life;
    const fail = (code: string) => connected(new NetworkError("connect", where.host, where.port, code));
    this.life.schedule("net-knock", this.life.drawUs(host.delays.networkUs), () => {
      const target = world.resolve(where.host, host);
      if (target === null) return void fail("ENOTFOUND");
      const isSilent =
        target.isPoweredOff ||
        world.fabric.isCut(host.name, target.name) ||
        world.fabric.isCut(target.name, host.name);
      if (isSilent) {
        const waitUs = Math.min(RETRY_US, deadlineUs - world.nowUs);
        if (waitUs > 0)
          this.life.schedule("net-retry", waitUs, () => this.#knock(where, deadlineUs, connected));
        else fail("ETIMEDOUT");
        return;
      }
      const listener = world.fabric.listenerAt(target.name, where.port);
      const server = world.networkOf(target);
      if (listener === undefined || server === null) return void fail("ECONNREFUSED");
      this.#meet(server, listener, where, connected);
    });
  }

  #meet(server: FakeNetwork, listener: FakeListener, where: Target, connected: Connected): void {
    const { fabric } = this.life.world;
    const [clientEnd, serverEnd] = fabric.open(this, server, listener.port);
    const delays = this.life.host.delays;
    // Either side may hear of it first.
    server.life.schedule("net-accept", server.life.drawUs(delays.networkUs), () => {
      listener.arrived(serverEnd);
    });
    this.life.schedule("net-connected", this.life.drawUs(delays.networkUs), () => {
      // Reset while its owner did not know of it yet.
      if (clientEnd.isDestroyed) connected(new NetworkError("connect", where.host, where.port, "ECONNRESET"));
      else clientEnd.start(connected(clientEnd));
    });
  }
}
