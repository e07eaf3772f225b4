import t from 'tap';
import { golden } from '../../test/tiny-bundle.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { planParts } from './plan-parts.js';

const wanted = ['a', 'b', 'c', 'd'].map((name) => golden(name, new Float32Array(4), { shape: [1, 4] }));
const replaced = ['a', 'b', 'c', 'd'];

/** Each probe reads the one before it; the last reads the first, too. */
const before: Readonly<Record<string, readonly string[]>> = { a: [], b: ['a'], c: ['b'], d: ['a', 'c'] };
const asked: (readonly string[])[] = [];
const host = {
  async reads(probes: readonly string[], given: readonly string[]) {
    asked.push(probes);
    return given.filter((name) => probes.some((probe) => before[probe]!.includes(name)));
  },
} as unknown as PortHost;
const namesOf = (parts: Awaited<ReturnType<typeof planParts>>) =>
  parts.map((part) => [part.probes.map(({ name }) => name), part.replaced]);

t.test('a run of large probes comes in parts, each with what it reads', async (t) => {
  t.strictSame(namesOf(await planParts(host, wanted, replaced, ['d'], 32)), [
    [['a', 'b'], ['a']],
    [
      ['c', 'd'],
      ['a', 'b', 'c'],
    ],
  ]);
  t.strictSame(namesOf(await planParts(host, wanted, [], ['d'], 32)), [
    [['a', 'b'], []],
    [['c', 'd'], []],
  ]);
});

t.test('no part is of one probe, or of outputs alone: that graph is the one that users run', async (t) => {
  const sizes = async (outputs: readonly string[], most: number) =>
    (await planParts(host, wanted, [], outputs, most)).map(({ probes }) => probes.map(({ name }) => name).join(''));
  t.strictSame(await sizes(['d'], 16), ['ab', 'cd'], 'each alone');
  t.strictSame(await sizes(['d'], 48), ['abcd'], 'the last alone');
  t.strictSame(await sizes(['c', 'd'], 32), ['abcd'], 'outputs alone');
  t.strictSame(await sizes(['c'], 16), ['ab', 'cd'], 'an odd end');
  t.strictSame(await sizes(['a', 'b'], 32), ['abcd'], 'outputs that come first');
});

t.test('a small run is one, and nothing is asked', async (t) => {
  asked.length = 0;
  t.strictSame(namesOf(await planParts(host, wanted, replaced, ['d'], 64)), [[replaced, replaced]]);
  t.strictSame(asked, []);
});

t.test('the run of a port that cannot say what a part reads is one', async (t) => {
  const mute = { reads: async () => null } as unknown as PortHost;
  t.strictSame(namesOf(await planParts(mute, wanted, replaced, ['d'], 16)), [[replaced, replaced]]);
});
