// Which topics a command line means.
import type { Admin } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { illegalArgument } from "../../options/java-exception.ts";
import { topicFilter } from "../../options/topic-filter.ts";

/** Names that --topic and --exclude-internal leave, sorted. */
export async function findTopics(admin: Admin, given: GivenOptions): Promise<readonly string[]> {
  const filter = topicFilter(given.value("topic"), given.has("exclude-internal"));
  const listings = await admin.listTopics({ includeInternal: true });
  return listings
    .map(({ name }) => name)
    .filter(filter)
    .toSorted();
}

/** As `findTopics`; no topic is an error unless --if-exists was given. */
export async function findExistingTopics(admin: Admin, given: GivenOptions): Promise<readonly string[]> {
  const names = await findTopics(admin, given);
  const asked = given.value("topic");
  if (names.length === 0 && asked !== null && !given.has("if-exists")) {
    throw illegalArgument(`Topic '${asked}' does not exist as expected`);
  }
  return names;
}
