// What every decision may look at besides its request. Decisions are pure but for the randomness of ids and
// placement.
import type { BrokerConfig } from "@ottla/config";
import type { Crypto, Pieces, Random } from "@ottla/ports";
import type { ErrorSpec } from "@ottla/protocol";
import type { BrokerHeartbeats } from "../broker-heartbeats.ts";
import type { ControllerContext } from "../controller-context.ts";
import type { ControllerState } from "../controller-state.ts";
import type { Decision } from "../decision.ts";
import type { RequestParts } from "../request-parts.ts";
import type { TopicSettings } from "../topic-settings.ts";

export interface DecisionContext {
  readonly state: ControllerState;
  readonly heartbeats: BrokerHeartbeats;
  readonly topicSettings: TopicSettings;
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly random: Random;
  readonly crypto: Crypto;
  /** Monotonic. */
  readonly nowMs: number;
  readonly request: ControllerContext;
}

/** One API of the controller. */
export interface Decider<Request, Response> {
  decide(context: DecisionContext, request: Request): Decision<Response>;
  /**
   * The same in pieces, where one request may ask for very much: nothing else is decided meanwhile. Absent
   * where no request does.
   */
  decideInPieces?(context: DecisionContext, request: Request): Pieces<Decision<Response>>;
  /** The response to a request that failed as a whole. */
  failed(request: Request, error: ErrorSpec, message: string | null): Response;
  /** For requests whose items are decided alone: how they are cut; absent where they never are. */
  parts?(context: DecisionContext): RequestParts<Request, Response>;
}

/** A refusal of one item of a request. */
export interface Refusal {
  readonly error: ErrorSpec;
  readonly message: string | null;
}

export function refusal(error: ErrorSpec, message: string | null = null): Refusal {
  return { error, message: message ?? error.meaning };
}

/** A decision that changes nothing. */
export function noChange<Response>(response: Response): Decision<Response> {
  return { records: [], response, atomic: true };
}
