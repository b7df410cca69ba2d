// Sessions of brokers: when each was last heard of, and how far it has read the metadata. Soft state: a new
// controller starts with every registered broker heard of just now, so that none is fenced for its
// predecessor's silence.
import type { BrokerRegistration } from "../image/cluster-image.ts";

interface BrokerSession {
  lastContactMs: number;
  /** Offset up to which the broker has applied metadata; -1 unknown. */
  metadataOffset: number;
  /**
   * Offset that every broker must have read before this one, in controlled shutdown, may leave; -1 not in it.
   */
  controlledShutdownOffset: number;
}

/** The sessions, by broker id. */
export class BrokerHeartbeats {
  readonly #sessionTimeoutMs: number;
  readonly #sessions = new Map<number, BrokerSession>();

  constructor(sessionTimeoutMs: number) {
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** Begins or renews a session; `metadataOffset` -1: not told. */
  touch(brokerId: number, nowMs: number, metadataOffset: number): void {
    const session = this.#sessions.get(brokerId);
    if (session === undefined) {
      this.#sessions.set(brokerId, { lastContactMs: nowMs, metadataOffset, controlledShutdownOffset: -1 });
      return;
    }
    session.lastContactMs = nowMs;
    session.metadataOffset = Math.max(session.metadataOffset, metadataOffset);
  }

  /** A new incarnation: what its predecessor had read does not count. */
  restart(brokerId: number, nowMs: number): void {
    this.#sessions.set(brokerId, { lastContactMs: nowMs, metadataOffset: -1, controlledShutdownOffset: -1 });
  }

  forget(brokerId: number): void {
    this.#sessions.delete(brokerId);
  }

  hasValidSession(brokerId: number, nowMs: number): boolean {
    const session = this.#sessions.get(brokerId);
    return session !== undefined && nowMs - session.lastContactMs < this.#sessionTimeoutMs;
  }

  enterControlledShutdown(brokerId: number, offset: number): void {
    const session = this.#sessions.get(brokerId);
    if (session !== undefined && session.controlledShutdownOffset < offset)
      session.controlledShutdownOffset = offset;
  }

  /** True when every active broker has read the metadata that took this one's leaderships away. */
  mayLeave(brokerId: number, activeBrokerIds: Iterable<number>): boolean {
    const session = this.#sessions.get(brokerId);
    if (session === undefined || session.controlledShutdownOffset < 0) return false;
    for (const id of activeBrokerIds) {
      if (id === brokerId) continue;
      if ((this.#sessions.get(id)?.metadataOffset ?? -1) < session.controlledShutdownOffset) return false;
    }
    return true;
  }

  /** Unfenced brokers whose session is over. */
  staleBrokers(brokers: Iterable<BrokerRegistration>, nowMs: number): BrokerRegistration[] {
    return [...brokers].filter((broker) => !broker.fenced && !this.hasValidSession(broker.id, nowMs));
  }
}
