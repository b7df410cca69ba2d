// Which of very many resources a request may touch, asked of the authorizer in pieces.
import { endsPiece, type Pieces } from "@ottla/ports";
import type { AclOperationName, AclResourceTypeName, RequestContext } from "./request-context.ts";

/** As `context.allowed`: the subset on which `operation` is allowed, order kept. */
export function* allowedInPieces(
  context: RequestContext,
  operation: AclOperationName,
  resourceType: AclResourceTypeName,
  names: Iterable<string>,
): Pieces<Set<string>> {
  const allowed = new Set<string>();
  let asked = 0;
  for (const name of names) {
    if (context.isAllowed(operation, resourceType, name)) allowed.add(name);
    if (endsPiece(++asked)) yield;
  }
  return allowed;
}
