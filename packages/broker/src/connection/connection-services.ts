// What a connection is given by the broker that accepted it: memory, time, the dispatcher, and where to
// complain.
import type { ConnectionMetrics } from "../metrics/connection-metrics.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { OutputMemory } from "./output-memory.ts";
import type { ReplySlot } from "./reply-slot.ts";

/** Who the peer of a connection is, as far as it is known. */
export interface ConnectionState {
  /** False until SASL is done; a plaintext listener has nothing to prove. */
  isAuthenticated: boolean;
  principal: string;
  /** From ApiVersions; null until told. */
  clientSoftwareName: string | null;
  clientSoftwareVersion: string | null;
}

/** Common to all connections of a broker. */
export interface ConnectionServices {
  readonly memory: FrameMemory;
  readonly output: OutputMemory;
  readonly metrics: ConnectionMetrics;
  readonly frameBytesMax: number;
  readonly idleMs: number;
  /** A frame must have arrived whole within this time of its first byte. */
  readonly frameReceiveMs: number;
  /** Monotonic. */
  nowMs(): number;
  /** Handles a frame; the view is valid during the call only. The slot is answered now or later, once. */
  start(connection: ClientConnection, slot: ReplySlot, frame: Uint8Array): void;
  /** `flush` is called at the end of this turn. */
  requestFlush(connection: ClientConnection): void;
  closed(connection: ClientConnection): void;
  /** Logs one line per peer and interval. */
  complain(address: string, message: string, fields: Readonly<Record<string, unknown>>): void;
}
