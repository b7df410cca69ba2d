// What a broker with a probe in its event loop told, as figures.
import type { Peer } from "../peers/peer.ts";
import type { Figures } from "./load.ts";

/** Delays since the last question; throws where there is no probe. */
export async function delayFigures(peer: Peer, when: string): Promise<Figures> {
  const delays = await peer.takeLoopDelays();
  if (delays === null) throw new Error("no probe in the broker");
  return {
    [`loop delay p50 ms ${when}`]: delays.percentile(0.5),
    [`loop delay p99 ms ${when}`]: delays.percentile(0.99),
    [`loop delay p99.9 ms ${when}`]: delays.percentile(0.999),
    [`loop delay longest ms ${when}`]: delays.percentile(1),
  };
}

/** The sum of a counter over its labels. */
export async function counterOf(peer: Peer, name: string): Promise<number> {
  const metrics = await peer.metrics();
  let sum = 0;
  for (const [series, value] of metrics ?? []) {
    if (series === name || series.startsWith(`${name}{`)) sum += value;
  }
  return sum;
}
