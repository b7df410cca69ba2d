// What a load is and what it reports.
import type { Peer, PeerName } from "../peers/peer.ts";

/** Named figures of one run; the unit stands in the name. */
export type Figures = Readonly<Record<string, number>>;

/** Rates that the first peer of a run set, so that all others get the same: by name. */
export type Rates = Map<string, number>;

/** One load against one started peer. It creates its own topics. */
export interface Load {
  readonly name: string;
  readonly about: string;
  /** Whom it can be put to; default: all brokers, not the floor. */
  readonly peers?: readonly PeerName[];
  /** Lines for the broker's properties beyond those that all loads have. */
  readonly properties?: readonly string[];
  /** Whether Ottla's event loop is probed from inside its process (loop-probe.ts). */
  readonly withLoopProbe?: boolean;
  /** Runs when its name, or a pattern, asks for it. */
  readonly onlyByName?: boolean;
  run(peer: Peer, scale: number, rates: Rates): Promise<Figures>;
}
