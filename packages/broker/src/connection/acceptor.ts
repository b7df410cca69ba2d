// Accepts connections on the broker's listeners, owns the set of them, and looks after them: the flush at the
// end of a turn, the sweep for idle and slow peers, the pauses that the connection quota asks for. Not here:
// what a connection does.

import type { Logger, Ports } from "@ottla/ports";
import { type Connection, type ConnectionEvents, type Listener, NetworkError } from "@ottla/ports";
import { connectionLimits } from "../limits.ts";
import type { ConnectionMetrics } from "../metrics/connection-metrics.ts";
import type { TurnEnd } from "../turn-end.ts";
import { ClientConnection } from "./client-connection.ts";
import type { Complaints } from "./complaints.ts";
import { ConnectionQuota, type ConnectionQuotaLimits } from "./connection-quota.ts";
import type { ConnectionServices, ConnectionState } from "./connection-services.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { OutputMemory } from "./output-memory.ts";
import type { ReplySlot } from "./reply-slot.ts";

/** A socket to open. `port` 0 takes a free one. */
export interface ListenWhere {
  readonly listenerName: string;
  readonly host: string;
  readonly port: number;
}

/** What an acceptor is given. */
export interface AcceptorOptions {
  readonly ports: Ports;
  readonly logger: Logger;
  readonly turnEnd: TurnEnd;
  readonly complaints: Complaints;
  readonly memory: FrameMemory;
  readonly output: OutputMemory;
  readonly metrics: ConnectionMetrics;
  readonly quota: ConnectionQuotaLimits;
  readonly frameBytesMax: number;
  readonly idleMs: number;
  readonly frameReceiveMs: number;
  readonly backlog: number;
  /** Connections that wait while the listeners are paused. */
  readonly heldMax: number;
  readonly initialState: (listenerName: string) => ConnectionState;
  readonly start: (connection: ClientConnection, slot: ReplySlot, frame: Uint8Array) => void;
}

/** All connections of a broker. */
export class Acceptor implements ConnectionServices {
  readonly memory: FrameMemory;
  readonly output: OutputMemory;
  readonly metrics: ConnectionMetrics;
  readonly frameBytesMax: number;
  readonly idleMs: number;
  readonly frameReceiveMs: number;
  readonly start: (connection: ClientConnection, slot: ReplySlot, frame: Uint8Array) => void;
  readonly nowMs: () => number;
  readonly #options: AcceptorOptions;
  readonly #quota: ConnectionQuota;
  readonly #connections = new Set<ClientConnection>();
  readonly #listeners = new Map<string, Listener>();
  #toFlush: ClientConnection[] = [];
  #isSweepArmed = false;
  #isAccepting = true;
  /** Bound, but not accepting before `startAccepting`. */
  #isHeldBack = true;
  #isRateTimerSet = false;
  #isClosing = false;
  #whenEmpty: (() => void) | null = null;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.memory = options.memory;
    this.output = options.output;
    this.metrics = options.metrics;
    this.frameBytesMax = options.frameBytesMax;
    this.idleMs = options.idleMs;
    this.frameReceiveMs = options.frameReceiveMs;
    this.start = options.start;
    this.nowMs = () => options.ports.clock.monotonicMs();
    this.#quota = new ConnectionQuota(options.quota, this.nowMs());
    options.turnEnd.onPhase("connections", () => this.#flushAll());
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Opens the sockets one after the other, accepting nothing yet; stops at the first that fails. */
  listen(wheres: readonly ListenWhere[], done: (error: NetworkError | null) => void): void {
    this.#listenAll(wheres, Math.floor(this.#options.heldMax / Math.max(1, wheres.length)), done);
  }

  #listenAll(
    wheres: readonly ListenWhere[],
    heldMax: number,
    done: (error: NetworkError | null) => void,
  ): void {
    const [where, ...rest] = wheres;
    if (where === undefined) {
      done(null);
      return;
    }
    const { network } = this.#options.ports;
    network.listen(
      { host: where.host, port: where.port, backlog: this.#options.backlog, heldMax },
      (transport) => this.#accept(transport, where.listenerName),
      (result) => {
        if (result instanceof NetworkError) {
          done(result);
          return;
        }
        this.#listeners.set(where.listenerName, result);
        if (this.#isClosing) result.close(() => {});
        else if (this.#isHeldBack) result.pause();
        this.#listenAll(rest, heldMax, done);
      },
    );
  }

  /** Connections that came meanwhile waited in the backlog. */
  startAccepting(): void {
    this.#isHeldBack = false;
    if (this.#isAccepting) for (const listener of this.#listeners.values()) listener.resume();
  }

  /** Where the listener is bound; null when it is not open. */
  port(listenerName: string): number | null {
    return this.#listeners.get(listenerName)?.port ?? null;
  }

  requestFlush(connection: ClientConnection): void {
    if (connection.isToFlush) return;
    connection.isToFlush = true;
    this.#toFlush.push(connection);
    this.#options.turnEnd.request();
  }

  closed(connection: ClientConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.metrics.open = this.#connections.size;
    this.#quota.leave(connection.remoteAddress);
    this.#checkAccepting();
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  complain(address: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#options.complaints.warn(this.nowMs(), address, message, fields);
  }

  /**
   * Stops accepting, answers what is under way, then closes everything; what is not done by the deadline is
   * dropped.
   */
  close(done: () => void): void {
    this.#isClosing = true;
    const { timers } = this.#options.ports;
    const deadline = timers.set(connectionLimits.drainTimeoutMs, () => {
      for (const connection of [...this.#connections]) connection.destroy();
    });
    let waitsFor = 1;
    const arrived = (): void => {
      waitsFor--;
      if (waitsFor > 0) return;
      timers.clear(deadline);
      done();
    };
    for (const listener of this.#listeners.values()) {
      waitsFor++;
      listener.close(arrived);
    }
    for (const connection of [...this.#connections]) connection.drain();
    if (this.#connections.size === 0) arrived();
    else {
      this.#whenEmpty = () => {
        this.#whenEmpty = null;
        arrived();
      };
    }
  }

  #accept(transport: Connection, listenerName: string): ConnectionEvents | null {
    const nowMs = this.nowMs();
    const isAdmitted = !this.#isClosing && this.#quota.admit(transport.remoteAddress, nowMs);
    this.#checkAccepting();
    if (!isAdmitted) {
      this.metrics.refusedPerIp.add(1);
      this.complain(transport.remoteAddress, "refusing a connection: too many from this address", {});
      return null;
    }
    this.metrics.accepted.add(1);
    const connection = new ClientConnection(
      transport,
      listenerName,
      this.#options.initialState(listenerName),
      this,
    );
    this.#connections.add(connection);
    this.metrics.open = this.#connections.size;
    this.#armSweep();
    return connection;
  }

  #flushAll(): void {
    if (this.#toFlush.length === 0) return;
    const connections = this.#toFlush;
    this.#toFlush = [];
    for (const connection of connections) {
      connection.isToFlush = false;
      connection.flush();
    }
    this.output.relieve(this.nowMs());
  }

  /** Pauses or resumes the listeners as the quota says. */
  #checkAccepting(): void {
    if (this.#isClosing || this.#isHeldBack) return;
    const pauseMs = this.#quota.pauseMs(this.nowMs());
    if (pauseMs > 0 && !this.#isRateTimerSet) {
      this.#isRateTimerSet = true;
      this.#options.ports.timers.set(pauseMs, () => {
        this.#isRateTimerSet = false;
        this.#checkAccepting();
      });
    }
    const mayAccept = pauseMs === 0 && !this.#quota.isFull;
    if (mayAccept === this.#isAccepting) return;
    this.#isAccepting = mayAccept;
    for (const listener of this.#listeners.values()) {
      if (mayAccept) listener.resume();
      else listener.pause();
    }
    if (!this.#quota.isFull) return;
    this.#options.logger.warn("not accepting: as many connections as allowed", { count: this.#quota.count });
  }

  #armSweep(): void {
    if (this.#isSweepArmed) return;
    this.#isSweepArmed = true;
    this.#options.ports.timers.set(connectionLimits.sweepIntervalMs, () => {
      this.#isSweepArmed = false;
      const nowMs = this.nowMs();
      for (const connection of [...this.#connections]) connection.sweep(nowMs);
      this.output.relieve(nowMs);
      if (this.#connections.size > 0) this.#armSweep();
    });
  }
}
