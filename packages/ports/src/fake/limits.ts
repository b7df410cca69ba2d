// Named limits and defaults of the simulated world.
import type { FakeDelays } from "./delays.ts";

/** Size of a sector: a crash keeps or loses each whole. */
export const SECTOR_BYTES = 512;

/** The receive buffer of a node's loop, as in the real network. */
export const RECEIVE_BUFFER_BYTES: number = 256 * 1024;

/** Bytes of one direction of a connection that may be on their way; a sender beyond them waits. */
export const FLIGHT_BYTES_MAX: number = 256 * 1024;

/** What received memory is overwritten with once its time is over. */
export const POISON_BYTE = 0xdb;

/** Between two attempts to reach a host that does not answer. */
export const RETRY_US = 1_000_000;

/** A connection that a partition cuts dies within this time, by keepalive or retransmission. */
export const CUT_CONNECTION_US: { readonly min: number; readonly max: number } = {
  min: 20_000_000,
  max: 60_000_000,
};

/** Times that feel like one busy machine and its network. */
export const DELAYS_DEFAULT: FakeDelays = {
  turnEndUs: { min: 1, max: 200 },
  timerLateUs: { min: 0, max: 1000 },
  poolUs: { min: 20, max: 4000 },
  choreUs: { min: 100, max: 50_000 },
  networkUs: { min: 20, max: 3000 },
  resetUs: { min: 1000, max: 5_000_000 },
};

/** Looks of the watchdog within the silence that it allows, as in a real process. */
export const WATCHDOG_LOOKS = 16;
