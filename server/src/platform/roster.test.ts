import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Roster, type RosterEntry } from './roster.ts';

function membersOf(roster: Roster<string>): readonly string[] {
  const members: string[] = [];
  roster.each((member) => {
    members.push(member);
  });
  return members;
}

test('members are visited in order of arrival, whoever has left in between', () => {
  const roster = new Roster<string>();
  const entries = ['a', 'b', 'c', 'd'].map((name) => roster.join(name));
  for (const index of [1, 3, 1]) roster.leave(entries[index]!);
  assert.deepEqual(membersOf(roster), ['a', 'c']);
  assert.equal(roster.size, 2);
  roster.join('e');
  roster.leave(entries[0]!);
  assert.deepEqual(membersOf(roster), ['c', 'e']);
});

test('the last to leave leaves it empty and usable', () => {
  const roster = new Roster<string>();
  roster.leave(roster.join('a'));
  assert.deepEqual(membersOf(roster), []);
  roster.join('b');
  assert.deepEqual(membersOf(roster), ['b']);
});

test('members may leave while they are visited', () => {
  const roster = new Roster<string>();
  const entries = new Map<string, RosterEntry<string>>();
  for (const name of ['a', 'b', 'c']) entries.set(name, roster.join(name));
  const seen: string[] = [];
  roster.each((member) => {
    seen.push(member);
    roster.leave(entries.get(member)!);
    if (member === 'a') roster.leave(entries.get('b')!);
  });
  assert.deepEqual(seen, ['a', 'c']);
  assert.equal(roster.size, 0);
});

test('a visit ends where it is told to', () => {
  const roster = new Roster<string>();
  for (const name of ['a', 'b', 'c']) roster.join(name);
  const seen: string[] = [];
  roster.each((member) => {
    seen.push(member);
    return member !== 'b';
  });
  assert.deepEqual(seen, ['a', 'b']);
});
