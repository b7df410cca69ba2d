// The one way from a handler to the controller. In this process it is a call whose answer comes in a later
// turn, once what was decided is committed; for a controller elsewhere it will be an Envelope. Not here: what
// the controller decides (package metadata), who may ask for it (handlers).
import type { Controller, ControllerContext } from "@ottla/metadata";
import type { Turn } from "@ottla/ports";
import { apiKeys } from "@ottla/protocol";

export type { ControllerContext };

/** Takes requests to the active controller. */
export interface ControllerChannel {
  /**
   * `reply` runs once, in a later turn. A controller that does not answer is a response with
   * REQUEST_TIMED_OUT or NOT_CONTROLLER.
   */
  submit<Response>(context: ControllerContext, request: unknown, reply: (response: Response) => void): void;
}

/** What the channel needs of the controller's role. */
export interface LocalController {
  readonly controller: Pick<Controller, "submit">;
  /** Runs `callback` once this node knows of everything that is committed so far. */
  readonly loader: { whenPublished(callback: () => void): void };
}

/**
 * What a broker asks on its own behalf. Its answers are true without anything done here: making thousands of
 * partitions takes longer than a broker's session.
 */
const brokerApiKeys: ReadonlySet<number> = new Set([apiKeys.BrokerHeartbeat, apiKeys.AllocateProducerIds]);

/** The controller of this process. A client's answer comes after the node has done what it was told about. */
export class LocalControllerChannel implements ControllerChannel {
  readonly #role: LocalController;
  readonly #turn: Turn;

  constructor(role: LocalController, turn: Turn) {
    this.#role = role;
    this.#turn = turn;
  }

  submit<Response>(context: ControllerContext, request: unknown, reply: (response: Response) => void): void {
    let isInCall = true;
    const { controller, loader } = this.#role;
    controller.submit<unknown, Response>(context, request, (response) => {
      // What needs no commit is answered at once; nobody may meet a reply inside its own call.
      if (isInCall || brokerApiKeys.has(context.apiKey)) this.#turn.nextSlice(() => reply(response));
      // A client that was told of a new topic finds its partitions here.
      else loader.whenPublished(() => reply(response));
    });
    isInCall = false;
  }
}
