import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { SoughtGolden } from '../../harness/contract/port.js';
import type { GraphProto } from '../../onnx/model-proto.js';
import { openRuntime } from '../ort/session.js';
import { measureDistances } from './measure-distances.js';

const open = (name: string) => ({
  name,
  type: { tensorType: { elemType: 1, shape: { dim: ['a', 'b'].map((dimParam) => ({ dimParam })) } } },
});
const graph: GraphProto = {
  name: 'g',
  input: [open('x')],
  node: [
    { opType: 'Neg', input: ['x'], output: ['negative'] },
    { opType: 'Shape', input: ['negative'], output: ['sizes'] },
    { opType: 'NonZero', input: ['x'], output: ['places'] },
    { opType: 'Cast', input: ['places'], output: ['unknown'], attribute: [{ name: 'to', i: 1n, type: 2 }] },
    { opType: 'Concat', input: ['x', 'x'], output: ['wide'], attribute: [{ name: 'axis', i: 1n, type: 2 }] },
    { opType: 'Exp', input: ['negative'], output: ['y'] },
  ],
  output: [{ name: 'y' }],
};
const tensors = ['negative', 'sizes', 'places', 'unknown', 'wide', 'y'];
const x = Float32Array.of(1, -2, 3, 4, 5, 6);
const feeds = new Map([['x', float32NdArray([2, 3], x)]]);
const golden = (value: Float32Array, shape: number[]): SoughtGolden => ({
  ...{ name: 'p', shape, raw: true, value, positions: null, kept: null },
  ...{ rms: Math.hypot(...value) / Math.sqrt(value.length), limits: { relRms: 1e-6, maxOverRms: 1e-6 } },
});

t.test('tensors that do not fit into memory together are measured in groups, and found alike', async (t) => {
  const goldens = [
    golden(
      x.map((value) => -value),
      [2, 3],
    ),
    golden(Float32Array.of(0, 0, 0, 1, 1, 1, 0, 1, 2, 0, 1, 2), [2, 6]),
  ];
  const model = { irVersion: 8n, opsetImport: [{ version: 17n }], graph };
  const runtime = await openRuntime({ device: 'cpu' });
  for (const bytes of [2 ** 20, 24, 1]) {
    const { of, shapes, orderOf } = await measureDistances(runtime, model, tensors, feeds, goldens, bytes);
    t.strictSame(of, [[{ at: 0, relRms: 0, agrees: true }], [{ at: 3, relRms: 0, agrees: true }]], `${bytes} bytes`);
    t.strictSame(shapes.get('wide'), [2, 6], 'the shape of one that was left out is known, too');
    t.strictSame([shapes.has('sizes'), shapes.get('unknown')], [false, [2, 6]]);
    t.equal(orderOf(0, 'negative'), 'first');
  }
});

t.test('a group holds as much as fits, and tensors of no golden’s size are not fetched', async (t) => {
  const runtime = await openRuntime({ device: 'cpu' });
  const asked: string[][] = [];
  const openSession: typeof runtime.openSession = async (...given) => {
    const session = await runtime.openSession(...given);
    asked.push([...session.outputNames]);
    return session;
  };
  const model = { irVersion: 8n, opsetImport: [{ version: 17n }], graph };
  const goldens = [
    golden(
      x.map((value) => -value),
      [2, 3],
    ),
    golden(new Float32Array(9), [9]),
  ];
  t.strictSame((await measureDistances({ ...runtime, openSession }, model, [], feeds, goldens)).of, [[], []]);
  t.strictSame(asked, [], 'of no tensors nothing is opened');
  await measureDistances({ ...runtime, openSession }, model, tensors, feeds, goldens, 60);
  t.strictSame(asked.slice(1), [['negative', 'unknown'], ['y']], 'what has no known size may be one');
});
