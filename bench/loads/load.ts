// What a load is and what it reports.
import type { Peer } from "../peers/peer.ts";

/** Named figures of one run; the unit stands in the name. */
export type Figures = Readonly<Record<string, number>>;

/** One load against one started peer. It creates its own topics. */
export interface Load {
  readonly name: string;
  readonly about: string;
  run(peer: Peer, scale: number): Promise<Figures>;
}
