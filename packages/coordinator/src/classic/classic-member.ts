// One member of a classic group: soft state, except for what the group's record remembers of it.
import { EMPTY_BYTES, type JoinGroupResponse, type SyncGroupResponse } from "@ottla/protocol";
import { MEMBER_OVERHEAD_BYTES } from "../limits.ts";
import type { ShardTimer } from "../runtime/coordinator-shard.ts";

/** A way in which the member can be assigned partitions, and what it says about itself in that way. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export type JoinAnswer = (response: JoinGroupResponse) => void;
export type SyncAnswer = (response: SyncGroupResponse) => void;

export interface ClassicMemberFields {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** In order of preference, names unique. */
  readonly protocols: readonly MemberProtocol[];
  readonly assignment?: Uint8Array;
}

export class ClassicMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  /** Removes the member when it comes due. */
  readonly sessionTimer: ShardTimer;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: readonly MemberProtocol[];
  assignment: Uint8Array;
  /** What the memory of all members counts for it. */
  countedBytes = 0;
  /** It does not know its id yet, so it can send no heartbeats. */
  isNew = false;
  awaitingJoin: JoinAnswer | null = null;
  awaitingSync: SyncAnswer | null = null;

  constructor(fields: ClassicMemberFields, sessionTimer: ShardTimer) {
    this.memberId = fields.memberId;
    this.groupInstanceId = fields.groupInstanceId;
    this.clientId = fields.clientId;
    this.clientHost = fields.clientHost;
    this.protocolType = fields.protocolType;
    this.rebalanceTimeoutMs = fields.rebalanceTimeoutMs;
    this.sessionTimeoutMs = fields.sessionTimeoutMs;
    this.protocols = fields.protocols;
    this.assignment = fields.assignment ?? EMPTY_BYTES;
    this.sessionTimer = sessionTimer;
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null;
  }

  /** Memory that the member holds, about. */
  get bytes(): number {
    return MEMBER_OVERHEAD_BYTES + protocolBytes(this.protocols) + this.assignment.length;
  }

  /** Waiting for the others counts as a heartbeat, but for a new member. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null);
  }

  /** What it says about itself under a protocol that it supports. */
  metadata(protocolName: string): Uint8Array {
    const protocol = this.protocols.find(({ name }) => name === protocolName);
    if (protocol === undefined) throw new Error(`member ${this.memberId} does not support ${protocolName}`);
    return protocol.metadata;
  }

  /** The protocol it likes best of the candidates. */
  vote(candidates: ReadonlySet<string>): string {
    const choice = this.protocols.find(({ name }) => candidates.has(name));
    if (choice === undefined) throw new Error(`member ${this.memberId} supports no candidate protocol`);
    return choice.name;
  }

  /** Whether these are its protocols, in order, byte for byte. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const own = this.protocols[index] as MemberProtocol;
        return own.name === name && equalBytes(own.metadata, metadata);
      })
    );
  }
}

/** Bytes of the metadata of all protocols. */
export function protocolBytes(protocols: readonly MemberProtocol[]): number {
  return protocols.reduce((sum, { name, metadata }) => sum + 2 * name.length + metadata.length, 0);
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
