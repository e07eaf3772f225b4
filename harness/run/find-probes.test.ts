import t from 'tap';
import type { FoundProbe } from '../contract/port.js';
import type { GoldenProbe } from '../golden/bundle.js';
import type { PortTarget } from '../hosts/resolve-port.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import type { Measurement } from '../result/record/case-result.js';
import { findProbes, findTooFew, ownNoiseOf } from './find-probes.js';
import type { PlannedCase } from './plan.js';

const golden = (name: string, noise: number, own: number | null): GoldenProbe => ({
  ...{ name, shape: [2], raw: false, value: Float32Array.of(3, -4), sample: null, valid: null, rms: 5 },
  noise: { relRms: noise, maxOverRms: 2 * noise },
  ownNoise: own === null ? null : { relRms: own, maxOverRms: 2 * own },
  ...{ noiseAt: new Map(), informative: true },
});
const at = (name: string, tensor: string): FoundProbe => ({ name, tensor, by: 'value' });
const none = (name: string, lacking: 'fused' | 'lost'): FoundProbe => ({ name, tensor: null, lacking, after: null });
const ownNoises = (probes: readonly GoldenProbe[], ...found: FoundProbe[]) =>
  Object.fromEntries(
    [...ownNoiseOf(probes, new Map(found.map((one) => [one.name, one])))].map(([name, one]) => [
      name,
      one?.relRms ?? null,
    ]),
  );

t.test('goldens are shown to what runs a file, and never to a module or a program of the user', async (t) => {
  const asked: unknown[] = [];
  const host = {
    lacks: async () => ['a'],
    find: async (request: unknown) => {
      asked.push(request);
      return [at('a', 't')];
    },
  } as unknown as PortHost;
  const probes = [golden('a', 1e-6, 1e-7)];
  const bundle = { inputs: new Map(), draws: new Map(), probes } as unknown as PlannedCase['bundle'];
  const find = (about: object | null) =>
    findProbes(host, { bundle, probes, port: { about } as PortTarget } as unknown as PlannedCase);
  for (const about of [null, { kind: 'adapter', foreign: true }, { kind: 'named' }]) t.equal(await find(about), null);
  t.strictSame(asked, []);
  t.strictSame([...(await find({ kind: 'adapter', foreign: false }))!.keys()], ['a']);
  t.match(asked, [{ goldens: [{ name: 'a', positions: null, kept: null, rms: 5 }] }]);
  const [{ limits }] = (asked[0] as { goldens: [{ limits: object }] }).goldens;
  t.strictSame(limits, { relRms: 4 * 1e-6, maxOverRms: 8 * 2e-6 }, "the contract's limits");
});

t.test('nothing is looked for where each probe has its name', async (t) => {
  const host = { lacks: async () => [], find: async () => t.fail('asked') } as unknown as PortHost;
  const port = { about: { kind: 'adapter', foreign: false } } as PortTarget;
  t.equal(await findProbes(host, { bundle: {}, probes: [], port } as unknown as PlannedCase), null);
});

t.test('own noise adds up over what was fused, as it grows', async (t) => {
  const probes = [golden('a', 1e-6, 1e-7), golden('b', 1e-6, 3e-7), golden('c', 2e-6, 8e-7)];
  t.match(ownNoises(probes, at('a', 't'), none('b', 'fused'), at('c', 'u')), { a: 1e-7, c: 1e-6 });
  t.strictSame(ownNoises(probes, at('a', 't'), at('b', 'v'), at('c', 'u')), { a: 1e-7, b: 3e-7, c: 8e-7 });
});

t.test('probes that are one tensor have the own noise of the first', async (t) => {
  const probes = [golden('a', 1e-6, 5e-7), golden('b', 1e-6, 0), golden('c', 1e-6, 1e-7)];
  t.strictSame(ownNoises(probes, at('a', 't'), at('b', 't'), at('c', 'u')), { a: 5e-7, b: 5e-7, c: 1e-7 });
});

t.test('what was fused counts until the next tensor that is new', async (t) => {
  const probes = [golden('a', 1e-6, 5e-7), golden('b', 1e-6, 3e-7), golden('c', 1e-6, 0), golden('d', 1e-6, 4e-7)];
  t.match(ownNoises(probes, at('a', 't'), none('b', 'fused'), at('c', 't'), at('d', 'u')), { d: 5e-7 });
});

t.test('behind what is lost, or has no own noise, nothing is said of an own error', async (t) => {
  const probes = [golden('a', 1e-6, 5e-7), golden('b', 1e-6, 1e-7), golden('c', 1e-6, 1e-7), golden('d', 1e-6, 1e-7)];
  t.strictSame(ownNoises(probes, at('a', 't'), none('b', 'lost'), at('c', 'u'), at('d', 'v')), {
    a: 5e-7,
    c: null,
    d: 1e-7,
  });
  t.strictSame(ownNoises([golden('a', 1, null), probes[1]!], none('a', 'fused'), at('b', 't')), { b: null });
});

t.test('a file of which fewer than 80 % are compared does not pass', async (t) => {
  const measured = (compared: number, found: boolean) =>
    ({ compared, ...(found ? { found: at('a', 't') } : {}) }) as unknown as Measurement;
  const of = (found: number, fused: number) =>
    findTooFew([...Array(found).fill(measured(9, true)), ...Array(fused).fill(measured(0, false))]);
  t.equal(of(4, 1), null);
  t.match(of(3, 1), /^only 3 of 4 probes were found in the file and compared; 80 % are wanted\. Fix: .*--only logits/);
  t.equal(findTooFew([measured(9, false), measured(0, false)]), null, 'of probes with names that is not asked');
});
