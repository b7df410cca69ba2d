// Chooses the brokers of new partitions as Kafka does: replicas go round the racks, leaders and replicas are
// spread evenly, the first replica is never on a fenced broker, no broker is named twice. Randomness decides
// only where the rounds begin.
import type { Random } from "@ottla/ports";
import type { NodeId } from "@ottla/protocol";

/** A broker that may hold replicas. */
export interface PlaceableBroker {
  readonly id: NodeId;
  readonly rack: string | null;
  readonly fenced: boolean;
}

/** A placement, whose partitions are placed as they are asked for, or Kafka's text for why there is none. */
export type Placement = { readonly replicas: Iterable<readonly NodeId[]> } | { readonly problem: string };

export function placeReplicas(
  brokers: Iterable<PlaceableBroker>,
  { partitions, replicationFactor }: { readonly partitions: number; readonly replicationFactor: number },
  random: Random,
): Placement {
  const racks = new RackRound(brokers, random);
  const problem = racks.problem(replicationFactor);
  if (problem !== null) return { problem };
  return { replicas: racks.placeEach(partitions, replicationFactor) };
}

interface Rack {
  readonly unfenced: BrokerRound;
  readonly fenced: BrokerRound;
}

class RackRound {
  readonly #racks: Rack[] = [];
  readonly #random: Random;
  #total = 0;
  #unfenced = 0;
  #offset: number;
  #placed = 0;

  constructor(brokers: Iterable<PlaceableBroker>, random: Random) {
    this.#random = random;
    const byRack = new Map<string | null, PlaceableBroker[]>();
    for (const broker of brokers) {
      this.#total += 1;
      if (!broker.fenced) this.#unfenced += 1;
      const rack = byRack.get(broker.rack);
      if (rack === undefined) byRack.set(broker.rack, [broker]);
      else rack.push(broker);
    }
    const names = [...byRack.keys()].sort((left, right) => ((left ?? "") < (right ?? "") ? -1 : 1));
    for (const name of names) {
      const rack = byRack.get(name) ?? [];
      this.#racks.push({
        unfenced: new BrokerRound(
          rack.filter((broker) => !broker.fenced),
          random,
        ),
        fenced: new BrokerRound(
          rack.filter((broker) => broker.fenced),
          random,
        ),
      });
    }
    this.#offset = this.#racks.length === 0 ? 0 : random.below(this.#racks.length);
  }

  problem(replicationFactor: number): string | null {
    if (replicationFactor <= 0) {
      return `Invalid replication factor ${replicationFactor}: the replication factor must be positive.`;
    }
    if (replicationFactor > this.#total) {
      return (
        `The target replication factor of ${replicationFactor} cannot be reached because only ${this.#total} ` +
        "broker(s) are registered or some brokers have all their log directories cordoned."
      );
    }
    if (this.#unfenced > 0) return null;
    return "All brokers are currently fenced, or have all their log directories cordoned.";
  }

  *placeEach(partitions: number, replicationFactor: number): Generator<readonly NodeId[]> {
    for (let index = 0; index < partitions; index += 1) yield this.#place(replicationFactor);
  }

  #place(replicationFactor: number): NodeId[] {
    const count = this.#racks.length;
    // Once every start of every round was used, another order keeps the same sets of brokers from coming
    // again.
    if (this.#placed > 0 && this.#placed % (this.#total * count) === 0) this.#shuffle();
    for (const rack of this.#racks) {
      rack.unfenced.begin();
      rack.fenced.begin();
    }
    const replicas: NodeId[] = [];
    let at = this.#offset;
    while (replicas.length === 0) {
      const leader = this.#rack(at).unfenced.next();
      if (leader !== null) replicas.push(leader);
      at += 1;
    }
    while (replicas.length < replicationFactor) {
      const rack = this.#rack(at);
      const replica = rack.unfenced.next() ?? rack.fenced.next();
      if (replica !== null) replicas.push(replica);
      at += 1;
    }
    this.#offset = (this.#offset + 1) % count;
    this.#placed += 1;
    return replicas;
  }

  #rack(at: number): Rack {
    return this.#racks[at % this.#racks.length] as Rack;
  }

  #shuffle(): void {
    shuffle(this.#racks, this.#random);
    for (const rack of this.#racks) {
      rack.unfenced.shuffle();
      rack.fenced.shuffle();
    }
  }
}

/** Brokers in a ring; each partition begins one further. */
class BrokerRound {
  readonly #ids: NodeId[];
  readonly #random: Random;
  #start: number;
  #taken = 0;

  constructor(brokers: readonly PlaceableBroker[], random: Random) {
    this.#ids = brokers.map((broker) => broker.id).sort((left, right) => left - right);
    this.#random = random;
    this.#start = this.#ids.length === 0 ? 0 : random.below(this.#ids.length);
  }

  begin(): void {
    this.#taken = 0;
    if (this.#ids.length > 0) this.#start = (this.#start + 1) % this.#ids.length;
  }

  /** Null when all were taken for this partition. */
  next(): NodeId | null {
    if (this.#taken === this.#ids.length) return null;
    const id = this.#ids[(this.#start + this.#taken) % this.#ids.length] as NodeId;
    this.#taken += 1;
    return id;
  }

  shuffle(): void {
    shuffle(this.#ids, this.#random);
  }
}

function shuffle<Element>(elements: Element[], random: Random): void {
  for (let last = elements.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [elements[last], elements[other]] = [elements[other] as Element, elements[last] as Element];
  }
}
