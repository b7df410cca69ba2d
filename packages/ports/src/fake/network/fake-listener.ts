// A listening socket of a simulated node.
import {
  type Connection,
  type ConnectionEvents,
  HELD_CONNECTIONS_MAX,
  type Listener,
} from "../../network.ts";
import type { FakeLife } from "../fake-life.ts";
import type { FakeConnection } from "./fake-connection.ts";

type Accept = (connection: Connection) => ConnectionEvents | null;

/** A listener of one life. */
export class FakeListener implements Listener {
  readonly host: string;
  readonly port: number;
  readonly acceptErrorCount = 0;
  readonly #life: FakeLife;
  readonly #accept: Accept;
  readonly #unlisten: () => void;
  readonly #held: FakeConnection[] = [];
  readonly #heldMax: number;
  #isPaused = false;
  #isClosed = false;

  constructor(
    life: FakeLife,
    where: { readonly host: string; readonly port: number; readonly heldMax?: number },
    accept: Accept,
    unlisten: () => void,
  ) {
    this.#life = life;
    this.host = where.host;
    this.port = where.port;
    this.#heldMax = where.heldMax ?? HELD_CONNECTIONS_MAX;
    this.#accept = accept;
    this.#unlisten = unlisten;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (!this.#isPaused) {
      const connection = this.#held.shift();
      if (connection === undefined) return;
      this.#serve(connection);
    }
  }

  close(done: () => void): void {
    this.#isClosed = true;
    this.#unlisten();
    for (const connection of this.#held.splice(0)) connection.destroy();
    this.#life.schedule("net-unlisten", 1, done);
  }

  /** A connection has come. */
  arrived(connection: FakeConnection): void {
    if (this.#isClosed || (this.#isPaused && this.#held.length >= this.#heldMax)) connection.destroy();
    else if (this.#isPaused) this.#held.push(connection);
    else this.#serve(connection);
  }

  #serve(connection: FakeConnection): void {
    if (connection.isDestroyed) return;
    connection.start(this.#accept(connection));
  }
}
