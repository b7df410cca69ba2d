// The two messages that Connect workers hide in the group protocol: a worker's state (its subscription) and
// its assignment. Kafka has no schema file for them. Version 0 is the eager protocol, 1 the incremental one,
// 2 with sessions (KIP-415, 507).
import { DecodeError } from "./bytes/decode-error.ts";
import type { Reader } from "./bytes/reader.ts";
import type { Writer } from "./bytes/writer.ts";

/** Task number that stands for the connector itself. */
export const CONNECTOR_TASK = -1;

const VERSION_MAX = 2;

/** What a worker runs or gives up of one connector: task numbers and `CONNECTOR_TASK`. */
export interface ConnectorTasks {
  readonly connector: string;
  readonly tasks: readonly number[];
}

export interface ConnectAssignment {
  readonly error: number;
  readonly leader: string;
  readonly leaderUrl: string;
  readonly configOffset: bigint;
  readonly assigned: readonly ConnectorTasks[];
  /** From version 1; empty before. */
  readonly revoked: readonly ConnectorTasks[];
  /** Milliseconds until lost work is handed out again; from version 1. */
  readonly delayMs: number;
}

export interface ConnectWorkerState {
  readonly url: string;
  readonly configOffset: bigint;
  /** An encoded assignment with its version; from version 1. */
  readonly assignment: Uint8Array | null;
}

/** A decoded message and the version in front of it, cut to the newest known one. */
export interface Versioned<T> {
  readonly version: number;
  readonly message: T;
}

/** @throws DecodeError */
export function decodeConnectWorkerState(reader: Reader): Versioned<ConnectWorkerState> {
  const version = decodeVersion(reader);
  const url = reader.string();
  const configOffset = reader.int64();
  const assignment = version >= 1 ? reader.nullableByteArray() : null;
  return { version, message: { url, configOffset, assignment } };
}

export function encodeConnectWorkerState(writer: Writer, state: ConnectWorkerState, version: number): void {
  writer.int16(version);
  writer.string(state.url);
  writer.int64(state.configOffset);
  if (version >= 1) writer.nullableByteArray(state.assignment);
}

/** @throws DecodeError */
export function decodeConnectAssignment(reader: Reader): Versioned<ConnectAssignment> {
  const version = decodeVersion(reader);
  const error = reader.int16();
  const leader = reader.string();
  const leaderUrl = reader.string();
  const configOffset = reader.int64();
  const assigned = decodeConnectors(reader);
  const revoked = version >= 1 ? decodeConnectors(reader) : [];
  const delayMs = version >= 1 ? reader.int32() : 0;
  return { version, message: { error, leader, leaderUrl, configOffset, assigned, revoked, delayMs } };
}

export function encodeConnectAssignment(
  writer: Writer,
  assignment: ConnectAssignment,
  version: number,
): void {
  writer.int16(version);
  writer.int16(assignment.error);
  writer.string(assignment.leader);
  writer.string(assignment.leaderUrl);
  writer.int64(assignment.configOffset);
  encodeConnectors(writer, assignment.assigned);
  if (version < 1) return;
  encodeConnectors(writer, assignment.revoked);
  writer.int32(assignment.delayMs);
}

function decodeVersion(reader: Reader): number {
  const version = reader.int16();
  if (version < 0) throw new DecodeError(`a Connect message has version ${version}`);
  return Math.min(version, VERSION_MAX);
}

function decodeConnectors(reader: Reader): ConnectorTasks[] {
  const connectors: ConnectorTasks[] = [];
  // The shortest entry is an empty name and no tasks. Null reads as none.
  const count = reader.nullableArrayLength(6);
  for (let index = 0; index < count; index += 1) {
    const connector = reader.string();
    const tasks: number[] = [];
    const taskCount = reader.arrayLength(4);
    for (let task = 0; task < taskCount; task += 1) tasks.push(reader.int32());
    connectors.push({ connector, tasks });
  }
  return connectors;
}

function encodeConnectors(writer: Writer, connectors: readonly ConnectorTasks[]): void {
  writer.arrayLength(connectors.length);
  for (const { connector, tasks } of connectors) {
    writer.string(connector);
    writer.arrayLength(tasks.length);
    for (const task of tasks) writer.int32(task);
  }
}
