// The one way from a handler to the controller. In this process it is a call whose answer comes in a later
// turn, once what was decided is committed; for a controller elsewhere it will be an Envelope. Not here: what
// the controller decides (package metadata), who may ask for it (handlers).
import type { Controller, ControllerContext } from "@ottla/metadata";
import type { Turn } from "@ottla/ports";

export type { ControllerContext };

/** Takes requests to the active controller. */
export interface ControllerChannel {
  /**
   * `reply` runs once, in a later turn. A controller that does not answer is a response with
   * REQUEST_TIMED_OUT or NOT_CONTROLLER.
   */
  submit<Response>(context: ControllerContext, request: unknown, reply: (response: Response) => void): void;
}

/** The controller of this process. */
export class LocalControllerChannel implements ControllerChannel {
  readonly #controller: Controller;
  readonly #turn: Turn;

  constructor(controller: Controller, turn: Turn) {
    this.#controller = controller;
    this.#turn = turn;
  }

  submit<Response>(context: ControllerContext, request: unknown, reply: (response: Response) => void): void {
    let isInCall = true;
    this.#controller.submit<unknown, Response>(context, request, (response) => {
      // What needs no commit is answered at once; nobody may meet a reply inside its own call.
      if (isInCall) this.#turn.nextSlice(() => reply(response));
      else reply(response);
    });
    isInCall = false;
  }
}
