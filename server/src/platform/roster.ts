/**
 * Who is there, in order of arrival. Joining and leaving cost a few pointers and no hashing, which for things that come and go
 * with every call is a tenth of what a Set costs.
 */
export interface RosterEntry<Member> {
  readonly member: Member;
  previous: RosterEntry<Member> | undefined;
  next: RosterEntry<Member> | undefined;
  hasLeft: boolean;
}

export class Roster<Member> {
  #first: RosterEntry<Member> | undefined;
  #last: RosterEntry<Member> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  join(member: Member): RosterEntry<Member> {
    const entry: RosterEntry<Member> = { member, previous: this.#last, next: undefined, hasLeft: false };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#size += 1;
    return entry;
  }

  /** Harmless when it has left already. */
  leave(entry: RosterEntry<Member>): void {
    if (entry.hasLeft) return;
    entry.hasLeft = true;
    this.#size -= 1;
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
  }

  /** Oldest first, until `visit` returns false. Members may leave meanwhile, also the one being visited. */
  each(visit: (member: Member) => boolean | void): void {
    let entry = this.#first;
    while (entry !== undefined) {
      const { next } = entry;
      if (!entry.hasLeft && visit(entry.member) === false) return;
      entry = next;
    }
  }
}
