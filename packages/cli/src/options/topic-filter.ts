// A regular expression over topic names as tools take it: alternatives may be split by commas, quotes around
// it are dropped, and it must match the whole name.
import { isInternalTopic } from "@ottla/protocol";
import { JavaException } from "./java-exception.ts";

/** Whether a topic of this name is asked for. */
export type TopicFilter = (name: string) => boolean;

/** Null matches every name. Throws `JavaException` when the expression is none. */
export function topicFilter(expression: string | null, excludesInternal: boolean): TopicFilter {
  const pattern = expression === null ? null : topicPattern(expression);
  return (name) => (pattern === null || pattern.test(name)) && !(excludesInternal && isInternalTopic(name));
}

function topicPattern(expression: string): RegExp {
  const cleaned = expression
    .trim()
    .replaceAll(",", "|")
    .replaceAll(" ", "")
    .replace(/^["']+/, "")
    .replace(/["']+$/, "");
  try {
    return new RegExp(`^(?:${cleaned})$`);
  } catch {
    throw new JavaException("java.lang.RuntimeException", `${cleaned} is an invalid regex.`);
  }
}
