// What control records say of the quorum itself: kraft.version and the voters (KIP-853). It lives beside the
// metadata, in the log and in every snapshot. Version 0 has no records at all: the voters then stand in the
// configuration.
import {
  CONTROL_KRAFT_VERSION,
  CONTROL_KRAFT_VOTERS,
  decodeKRaftVersionRecord,
  decodeVotersRecord,
  kraftVersionValue,
  kraftVotersValue,
  Reader,
  type VotersRecord,
} from "@ottla/protocol";
import type { ControlRecord } from "./metadata-batch.ts";

export interface KraftState {
  /** 0: static voters; 1: voters are in the log. */
  readonly kraftVersion: number;
  /** Null while kraft.version is 0. */
  readonly voters: VotersRecord | null;
}

export const staticKraftState: KraftState = { kraftVersion: 0, voters: null };

/**
 * The state after control records; those that are not about the quorum are passed over. @throws DecodeError
 */
export function replayKraftControls(state: KraftState, controls: readonly ControlRecord[]): KraftState {
  let { kraftVersion, voters } = state;
  for (const { type, value } of controls) {
    if (type === CONTROL_KRAFT_VERSION)
      kraftVersion = decodeKRaftVersionRecord(new Reader(value), 0).kRaftVersion;
    if (type === CONTROL_KRAFT_VOTERS) voters = decodeVotersRecord(new Reader(value.slice()), 0);
  }
  return { kraftVersion, voters };
}

/** The control records that tell the state; none for version 0. */
export function kraftControls(state: KraftState): ControlRecord[] {
  if (state.kraftVersion === 0 || state.voters === null) return [];
  return [
    {
      type: CONTROL_KRAFT_VERSION,
      value: kraftVersionValue({ version: 0, kRaftVersion: state.kraftVersion }),
    },
    { type: CONTROL_KRAFT_VOTERS, value: kraftVotersValue(state.voters) },
  ];
}
