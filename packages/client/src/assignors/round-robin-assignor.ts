// Assignor `roundrobin`: all partitions of all topics in order, dealt to the members in turn; a member that
// does not subscribe to the topic is skipped.
import { type Assignor, emptyAssignment, sortedMembers } from "./assignor.ts";

export const roundRobinAssignor: Assignor = {
  name: "roundrobin",
  protocols: ["eager"],
  userData: () => null,
  assign(topics, subscriptions) {
    const assignment = emptyAssignment(subscriptions);
    const members = sortedMembers(subscriptions.keys(), subscriptions);
    const wanted = new Map(
      members.map((memberId) => [memberId, new Set(subscriptions.get(memberId)?.topics)]),
    );
    const subscribed = new Set(members.flatMap((memberId) => [...(wanted.get(memberId) ?? [])]));
    let turn = 0;
    for (const topic of [...subscribed].sort()) {
      const count = topics.get(topic)?.length ?? 0;
      for (let partition = 0; partition < count; partition++) {
        while (wanted.get(members[turn % members.length]!)?.has(topic) !== true) turn++;
        assignment.get(members[turn % members.length]!)?.push({ topic, partition });
        turn++;
      }
    }
    return assignment;
  },
};
