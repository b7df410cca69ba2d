// The shape of a request handler. One handler file per API key; `api-table.ts` lists them.
import type { BrokerServices } from "../broker-services.ts";
import type { RequestContext } from "./request-context.ts";

/**
 * Answers a request; called exactly once, now or in a later turn. `null` sends nothing (acks=0).
 * `sent` runs once, when the bytes left or the connection is gone: what the response lends is given back
 * there.
 */
export type Reply<Response> = (response: Response | null, sent?: () => void) => void;

/**
 * Serves one API. Protocol outcomes are data in the response; a throw is a bug, except `KafkaError`, which
 * fails the whole request. Views in `request` are valid during the call only.
 */
export type Handler<Request, Response> = (
  broker: BrokerServices,
  context: RequestContext,
  request: Request,
  reply: Reply<Response>,
) => void;
