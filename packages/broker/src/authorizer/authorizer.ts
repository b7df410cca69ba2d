// Decides what a principal may do to a resource. The default allows everything, as Kafka without
// authorizer.class.name; the one that denies everything exists for the generated authorisation tests. Not
// here: ACLs and their matching (package security).
import type { AclOperationName, AclResourceTypeName } from "../dispatch/request-context.ts";

/** One question to an authorizer. */
export interface AuthorizableAction {
  /** `User:name`. */
  readonly principal: string;
  readonly clientAddress: string;
  readonly operation: AclOperationName;
  readonly resourceType: AclResourceTypeName;
  readonly name: string;
}

/** Answers from memory, never later. */
export interface Authorizer {
  isAllowed(action: AuthorizableAction): boolean;
}

/** No authorizer configured. */
export const allowAll: Authorizer = { isAllowed: () => true };

/** Nobody may do anything. */
export const denyAll: Authorizer = { isAllowed: () => false };
