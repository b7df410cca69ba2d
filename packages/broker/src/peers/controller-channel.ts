// The one way from a handler to the controller. In this process it is a call whose answer comes in a later
// turn, once what was decided is committed; for a controller elsewhere it will be an Envelope. Not here: what
// the controller decides (package metadata).
import type { AclOperationName, AclResourceTypeName } from "../dispatch/request-context.ts";

/** Who asks the controller for what. */
export interface ControllerContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly principal: string;
  readonly clientId: string | null;
  isAllowed(operation: AclOperationName, resourceType: AclResourceTypeName, name: string): boolean;
}

/** Takes requests to the active controller. */
export interface ControllerChannel {
  /**
   * `reply` runs once, in a later turn. A controller that does not answer is a response with
   * REQUEST_TIMED_OUT or NOT_CONTROLLER.
   */
  submit<Response>(context: ControllerContext, request: unknown, reply: (response: Response) => void): void;
}
