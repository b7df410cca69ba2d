// The members of all groups of a world: starts them, has them crash, leave, stall and come back, and tells
// whether each group is whole.
import { EngineMember } from "../clients/engine/engine-member.ts";
import { type GroupClientContext } from "../clients/groups/group-client.ts";
import { GroupMember, type GroupMemberOptions } from "../clients/groups/group-member.ts";
import { keyOfPlace } from "../clients/groups/member-position.ts";
import type { TopicPartition } from "../clients/groups/subscription.ts";
import type { GroupEvent } from "../group-history.ts";
import type { GroupOptions, GroupPlan, MemberPlan } from "./group-options.ts";
import type { SimStage } from "./sim-stage.ts";

/** What all members share. */
export interface CrewOptions {
  readonly topics: readonly string[];
  readonly sidePlaces: readonly TopicPartition[];
  readonly nextId: () => number;
}

/** A member, whichever client it is. */
type Member = GroupMember | EngineMember;

interface Seat {
  readonly plan: MemberPlan;
  readonly group: GroupPlan;
  member: Member | null;
  isBackDue: boolean;
}

const BACK_MS_MAX = 3000;

/** The members. */
export class GroupCrew {
  readonly #stage: SimStage<GroupEvent>;
  readonly #options: GroupOptions;
  readonly #crew: CrewOptions;
  readonly #seats: readonly Seat[];

  constructor(stage: SimStage<GroupEvent>, options: GroupOptions, crew: CrewOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#crew = crew;
    this.#seats = options.members.map((plan) => ({
      plan,
      group: options.groups[plan.group] as GroupPlan,
      member: null,
      isBackDue: false,
    }));
    for (const seat of this.#seats) {
      stage.addClient(seat.plan.name);
      this.#backIn(seat, seat.plan.startMs);
    }
  }

  context(process: string): GroupClientContext {
    const { history, record } = this.#stage;
    return {
      ...this.#stage.context(process),
      recordGroup: (event) => record.call(this.#stage, event),
      stamp: () => history.length,
      nextId: this.#crew.nextId,
    };
  }

  planFaults(soon: (run: () => void) => void): void {
    const { crashes, leaves, stalls, busyTimes } = this.#options.memberFaults;
    const { world } = this.#stage;
    const { random } = world;
    const onSome = (act: (seat: Seat) => void) => () =>
      act(this.#seats[random.below(this.#seats.length)] as Seat);
    for (let i = 0; i < crashes; i++) soon(onSome((seat) => this.#crash(seat)));
    for (let i = 0; i < leaves; i++) soon(onSome((seat) => this.#leave(seat)));
    for (let i = 0; i < stalls; i++) {
      soon(onSome(({ plan, group }) => world.pause(plan.name, random.below(3 * group.sessionMs))));
    }
    for (let i = 0; i < busyTimes; i++) {
      soon(
        onSome(({ member, group }) =>
          member?.beBusy(random.below(2 * group.rebalanceMs), random.below(2) === 0),
        ),
      );
    }
  }

  /** No more faults: twins would fence each other for ever, so one of each stays away. */
  heal(): void {
    const taken = new Set<string>();
    for (const seat of this.#seats) {
      const { instanceId } = seat.plan;
      const name = `${seat.group.name} ${instanceId}`;
      if (instanceId !== null && taken.has(name)) this.#stopFor(seat);
      else if (seat.member === null || seat.member.isEnded) this.#backIn(seat, 1);
      if (instanceId !== null) taken.add(name);
    }
  }

  /**
   * Whether the members of every group agree on a generation, have all partitions between them, and have read
   * them to the end.
   */
  isSettled(targets: readonly TopicPartition[], ends: ReadonlyMap<string, number>): boolean {
    this.#noticeFenced();
    return this.#options.groups.every((group) => this.#isGroupSettled(group, targets, ends));
  }

  tellOwners(targets: readonly TopicPartition[]): void {
    const partitions = targets.map(keyOfPlace);
    for (const group of this.#options.groups) {
      const members = this.#membersOf(group);
      if (members.length === 0) continue;
      const owners = members.map(({ identity, positions }) => ({
        process: identity.process,
        generation: identity.generation,
        keys: [...positions.keys()],
      }));
      const timeMs = this.#stage.world.nowMs;
      this.#stage.record({ f: "owners", process: "crew", group: group.name, partitions, owners, timeMs });
    }
  }

  get status(): string {
    return this.#seats
      .map(
        ({ plan, member }) =>
          `  ${member === null || member.isEnded ? `${plan.name} is away` : member.status}`,
      )
      .join("\n");
  }

  close(): void {
    for (const { member } of this.#seats) member?.close();
  }

  #membersOf(group: GroupPlan): Member[] {
    return this.#seats
      .filter((seat) => seat.group === group)
      .map(({ member }) => member)
      .filter((member) => member !== null && !member.isEnded) as Member[];
  }

  #isGroupSettled(
    group: GroupPlan,
    targets: readonly TopicPartition[],
    ends: ReadonlyMap<string, number>,
  ): boolean {
    const members = this.#membersOf(group);
    const isStarting = this.#seats.some((seat) => seat.group === group && seat.isBackDue);
    if (isStarting || !members.every(({ isStable }) => isStable)) return false;
    if (members.length === 0) return true;
    if (new Set(members.map(({ identity }) => identity.generation)).size > 1) return false;
    const places = members.flatMap(({ positions }) => [...positions.values()]);
    const isDone = places.every(
      ({ key, next, committing }) => next >= (ends.get(key) ?? 0) && (next === 0 || committing === next),
    );
    const keys = new Set(places.map(({ key }) => key));
    return isDone && keys.size === targets.length && places.length === targets.length;
  }

  /** A fenced process ends and comes back; in peace too, for who was fenced before may hear of it late. */
  #noticeFenced(): void {
    for (const seat of this.#seats) {
      if (seat.member?.isFenced === true && !seat.isBackDue) this.#backIn(seat, BACK_MS_MAX);
    }
  }

  #crash(seat: Seat): void {
    if (seat.member === null) return;
    const { name } = seat.plan;
    this.#stage.record({ f: "gone", process: name, group: seat.group.name, timeMs: this.#stage.world.nowMs });
    this.#stage.world.crash(name, { how: this.#stage.world.random.below(2) === 0 ? "kill" : "power" });
    this.#stage.restartClient(name);
    seat.member = null;
    this.#backIn(seat, this.#stage.world.random.below(BACK_MS_MAX));
  }

  #leave(seat: Seat): void {
    seat.member?.leave();
    this.#backIn(seat, this.#stage.world.random.below(BACK_MS_MAX));
  }

  #stopFor(seat: Seat): void {
    seat.member?.close();
    seat.member = null;
    seat.isBackDue = false;
  }

  #backIn(seat: Seat, ms: number): void {
    if (seat.isBackDue) return;
    seat.isBackDue = true;
    this.#stage.world.schedule(ms, () => {
      if (!seat.isBackDue) return;
      seat.isBackDue = false;
      if (seat.member !== null && !seat.member.isEnded) return;
      seat.member = this.#start(seat);
    });
  }

  #start({ plan, group }: Seat): Member {
    const { sidePlaces, topics } = this.#crew;
    const { name, joinVersion, commitVersion, commitMode, commitsBeforeJoin } = plan;
    const { isCooperative, sessionMs, rebalanceMs, heartbeatMs } = group;
    const { usesEngine, hasGrowth } = this.#options;
    // A static member that comes back goes on with its old assignment. A cooperative one may have died
    // between two generations, and a topic may have grown meanwhile: then partitions are nobody's until the
    // group rebalances for another reason, in Apache Kafka, too.
    const instanceId = usesEngine && isCooperative ? null : plan.instanceId;
    const joinsTwice = instanceId !== null && (isCooperative || hasGrowth);
    const side = sidePlaces[plan.group % sidePlaces.length] as TopicPartition;
    const options: GroupMemberOptions = {
      group: group.name,
      instanceId,
      topics,
      isCooperative,
      sessionMs,
      rebalanceMs,
      heartbeatMs,
      joinsTwice,
      joinVersion,
      commitVersion,
      commitMode,
      commitsBeforeJoin,
      sidePlace: plan.hasSideOffset ? side : null,
      readPauseMsMax: this.#options.readPauseMsMax,
    };
    const context = this.context(name);
    if (usesEngine) return new EngineMember(context, options);
    return new GroupMember(context, options);
  }
}
