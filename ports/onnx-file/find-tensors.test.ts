import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { SoughtGolden } from '../../harness/contract/port.js';
import type { GraphProto } from '../../onnx/model-proto.js';
import { openRuntime } from '../ort/session.js';
import { findTensors } from './find-tensors.js';

const input = (name: string) => ({ name, type: { tensorType: { elemType: 1 } } });
/** y = exp(−x) · 1 */
const graph: GraphProto = {
  name: 'g',
  input: [input('x')],
  node: [
    { opType: 'Neg', input: ['x'], output: ['negative'] },
    { opType: 'Shape', input: ['negative'], output: ['sizes'] },
    {
      ...{ opType: 'ConstantOfShape', input: ['sizes'], output: ['ones'] },
      attribute: [{ name: 'value', t: { dims: [1n], dataType: 1, floatData: [1] }, type: 4 }],
    },
    { opType: 'Exp', input: ['negative'], output: ['powers'] },
    { opType: 'Mul', input: ['powers', 'ones'], output: ['y'] },
  ],
  output: [input('y')],
};
const runtime = await openRuntime({ device: 'cpu' });
const x = Float32Array.of(0.5, -1, 2, 0.25, -0.5, 3);
const feeds = new Map([['x', float32NdArray([1, 2, 1, 3], x)]]);

/** Of the whole, at these places; all where there are none. */
function golden(name: string, whole: Float32Array, positions: Uint32Array | null, noise = 1e-6): SoughtGolden {
  const value = positions === null ? whole : Float32Array.from(positions, (at) => whole[at]!);
  const rms = Math.hypot(...whole) / Math.sqrt(whole.length);
  const limits = { relRms: noise, maxOverRms: noise };
  return { name, shape: [1, 2, 1, 3], raw: false, value, positions, kept: null, rms, limits };
}
const negative = x.map((value) => -value);
const exp = negative.map((value) => Math.exp(value));

async function find(...goldens: SoughtGolden[]) {
  const model = { irVersion: 8n, opsetImport: [{ version: 17n }], graph };
  const followed = { outputs: new Map(), folded: new Set<string>() };
  const say = (probe: string) => (probe === 'logits' ? { tensor: 'y', by: 'output' as const } : null);
  const { probes } = await findTensors(runtime, { model, followed, feeds, goldens, say });
  return probes.map((one) => one.tensor ?? one.lacking);
}

t.test('sampled probes of one golden are one tensor, though they are drawn at other places', async (t) => {
  const [a, b] = [Uint32Array.of(0, 3, 5), Uint32Array.of(1, 2, 4)];
  const logits = golden('logits', exp, null);
  t.strictSame(await find(golden('p', negative, a), golden('q', negative, b), logits), ['negative', 'negative', 'y']);
  const other = await find(golden('p', negative, a), golden('q', negative, b, 2e-6), logits);
  t.strictSame(other, ['negative', 'fused', 'y'], 'with other noise it is another golden');
});

t.test('of a mapped probe that does not agree, the tensor that does is named', async (t) => {
  const model = { irVersion: 8n, opsetImport: [{ version: 17n }], graph };
  const followed = { outputs: new Map(), folded: new Set<string>() };
  const goldens = [golden('p', negative, null), golden('logits', exp, null), golden('q', exp, null)];
  const findMapped = async (tensor: string) => {
    const said = new Map([
      ['p', { tensor, by: 'map' as const }],
      ['logits', { tensor: 'y', by: 'output' as const }],
    ]);
    const say = (probe: string) => said.get(probe) ?? null;
    return (await findTensors(runtime, { model, followed, feeds, goldens, say })).probes[0];
  };
  t.strictSame(await findMapped('powers'), { name: 'p', tensor: 'powers', by: 'map', elsewhere: 'negative' });
  t.strictSame(await findMapped('negative'), { name: 'p', tensor: 'negative', by: 'map' });
});

t.test('what is not within the limits, and not nearly, is nobody’s', async (t) => {
  const scaled = (factor: number) => negative.map((value) => value * factor);
  const logits = golden('logits', exp, null);
  t.strictSame(await find(golden('p', scaled(1.01), null), logits), ['negative', 'y'], 'nearly: then it fails');
  t.strictSame(await find(golden('p', scaled(1.2), null), logits), ['fused', 'y']);
  for (const value of [0, 1]) {
    const alike = golden('p', new Float32Array(6).fill(value), null);
    t.strictSame(await find(alike, logits), ['fused', 'y'], 'what is alike everywhere tells nothing');
  }
  t.strictSame(await find(golden('p', scaled(1.2), null), golden('logits', scaled(3), null)), ['lost', 'y']);
});
