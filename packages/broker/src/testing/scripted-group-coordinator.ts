// A group coordinator for tests of handlers: it answers what the test says, at once, and keeps what it was
// asked.
import type { GroupCoordinator, GroupRequestContext } from "@ottla/coordinator";

const methods = [
  "joinGroup",
  "syncGroup",
  "heartbeat",
  "leaveGroup",
  "commitOffsets",
  "fetchOffsets",
  "deleteOffsets",
  "describeGroups",
  "listGroups",
  "deleteGroups",
] as const;

type Method = (typeof methods)[number];
type RequestOf<Name extends Method> = Parameters<GroupCoordinator[Name]>[1];
type ResponseOf<Name extends Method> = Parameters<Parameters<GroupCoordinator[Name]>[2]>[0];

/** What it answers; a method that is not named must not be called. */
export type GroupAnswers = {
  readonly [Name in Method]?: (request: RequestOf<Name>, context: GroupRequestContext) => ResponseOf<Name>;
};

/** One call. */
export interface AskedGroups {
  readonly method: string;
  readonly context: GroupRequestContext;
  readonly request: unknown;
}

/** The coordinator of every group, on partition 0. */
export function scriptedGroupCoordinator(answers: GroupAnswers = {}): {
  readonly coordinator: GroupCoordinator;
  readonly asked: AskedGroups[];
} {
  const asked: AskedGroups[] = [];
  const called = (method: Method) => (context: GroupRequestContext, request: never, reply: unknown) => {
    asked.push({ method, context, request });
    const answer = answers[method] as ((request: never, context: GroupRequestContext) => unknown) | undefined;
    if (answer === undefined) throw new Error(`nobody was to call ${method}`);
    (reply as (response: unknown) => void)(answer(request, context));
  };
  const table = Object.fromEntries(methods.map((method) => [method, called(method)]));
  return { coordinator: { ...table, partitionFor: () => 0 } as unknown as GroupCoordinator, asked };
}
