// What the controller knows of a request besides its body. Who may do what was decided before it got here.

/** Who asks, with which API. */
export interface ControllerContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** `User:name`. */
  readonly principal: string;
  readonly clientId: string | null;
  /** Monotonic time after which an answer is of no use; absent: the controller's own bound. */
  readonly deadlineMs?: number;
}
