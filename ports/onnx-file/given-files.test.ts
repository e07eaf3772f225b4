import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { argMax, editModel, endWith, makeHalf, reverseClasses, softmax } from '../../onnx/edit-for-tests.js';
import { roundToHalves, widenHalves } from '../../onnx/half-floats.js';
import type { GraphProto, ModelProto } from '../../onnx/model-proto.js';
import { exportModel } from '../ort/export-model.js';
import { relativeRms, smallSection } from '../ort/small-model-for-tests.js';
import { seededModel } from '../tfjs-shared/seeded-model-for-tests.js';
import type { EngineSettings } from './engine/open-engine.js';
import { createOnnxFilePort } from './port.js';

const imageShape = [1, 3, 32, 64];
const { weights, request } = await seededModel(smallSection, imageShape);
const whole = await exportModel(smallSection, weights, { draws: 'input', layers: true, origin: new Map() });
const folder = t.testdir();
const classes = smallSection.num_classes;

let files = 0;
function write(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.onnx`);
  writeFileSync(path, bytes);
  return path;
}
const edited = (edit: (graph: GraphProto, model: ModelProto) => void) => write(editModel(whole, edit));

async function give(path: string, judged: boolean, options: { readonly map?: string } = {}) {
  const port = await createOnnxFilePort(path, { device: 'cpu', ownWeights: true, judged, ...options });
  const loaded = await port.load(smallSection, judged ? weights : new Map());
  let found: Float32NdArray | undefined;
  try {
    await loaded.infer(request(['logits']), (_, { shape, data }) => {
      found = { dtype: 'f4', shape, data: data.slice() };
    });
  } finally {
    await loaded.dispose();
    await port.close();
  }
  return { value: found!, result: loaded.result };
}
const refuse = (t: Tap, path: string, judged: boolean, message: RegExp | string) =>
  t.rejects(give(path, judged), { name: 'UserError', message });
type Tap = Pick<typeof t, 'rejects'>;

const right = (await give(write(whole), false)).value;

t.test('what the output gives is the logits, and no inner tensor of that name', async (t) => {
  const path = edited((graph) => reverseClasses(graph, classes));
  for (const judged of [true, false]) {
    const { value } = await give(path, judged);
    const plane = value.data.length / classes;
    t.same(value.data.slice(0, plane), right.data.slice(-plane), `judged: ${judged}`);
  }
});

t.test('labels and probabilities are given as such, and never judged', async (t) => {
  const labelled = edited((graph) => endWith(graph, argMax, 7));
  const { value, result } = await give(labelled, false);
  t.strictSame(result, { holds: 'labels', by: 'ArgMax' });
  t.strictSame(value.shape, [1, 1, 32, 64]);
  const plane = value.data.length;
  const best = (at: number) => {
    const scores = Array.from({ length: classes }, (_, c) => right.data[c * plane + at]!);
    return scores.indexOf(Math.max(...scores));
  };
  t.ok(value.data.every((label, at) => label === best(at)));
  await refuse(
    t,
    labelled,
    true,
    /: its output label gives labels \(ArgMax\), which hide by how much the logits differ; logits are wanted\. Fix: /,
  );
  const soft = edited((graph) => endWith(graph, softmax));
  t.strictSame((await give(soft, false)).result, { holds: 'probabilities', by: 'Softmax' });
  await refuse(
    t,
    soft,
    true,
    /: its output prob gives probabilities \(Softmax\), from which logits cannot be got back;/,
  );
});

t.test('of two outputs the map says which one, and an inner tensor is not an answer', async (t) => {
  const path = edited((graph) => {
    reverseClasses(graph, classes);
    graph.output!.push({ name: 'decode_head', type: { tensorType: { elemType: 1 } } });
  });
  await refuse(t, path, false, /: its outputs are out, decode_head; an output logits is wanted\. Fix: call that one/);
  await refuse(t, path, true, /or --map <file> with the line "logits: NAME"$/);
  const map = join(folder, 'map.yaml');
  writeFileSync(map, 'logits: out\n');
  t.equal((await give(path, true, { map })).value.shape[1], classes);
  writeFileSync(map, 'logits: logits\n');
  await t.rejects(give(path, true, { map }), {
    name: 'UserError',
    message: /it is not an output of .*\(out, decode_head\)/,
  });
});

t.test('float16, throughout and inside, runs and is judged', async (t) => {
  for (const [ends, said] of [
    [true, 'float16 throughout'],
    [false, 'float16 inside'],
  ] as const) {
    const path = edited((graph) => makeHalf(graph, ends));
    for (const judged of [false, true]) {
      const { value } = await give(path, judged);
      t.ok(relativeRms(value.data, right.data) < 0.02, said);
      t.ok(relativeRms(value.data, right.data) > 1e-5, 'it is not float32');
    }
  }
  const { data } = (
    await give(
      edited((graph) => makeHalf(graph, true)),
      true,
    )
  ).value;
  t.equal(
    relativeRms(widenHalves(roundToHalves(data)), data),
    0,
    'what users get is rounded, and so is what is judged',
  );
});

t.test('bfloat16, float64 and int8 are not judged, nor is float16 in another engine', async (t) => {
  const typed = (elemType: number) =>
    edited((graph) => graph.output!.push({ name: 'o', type: { tensorType: { elemType } } }));
  const said = (what: string) => new RegExp(`: it computes in ${what} is not judged yet; float32 or float16 is wanted`);
  await refuse(t, typed(16), true, said('bfloat16 inside, and bf16'));
  await refuse(t, typed(11), true, said('float64, and fp64'));
  const quantised = edited((graph) => {
    makeHalf(graph, true);
    graph.node!.push({ opType: 'DequantizeLinear', input: ['logits', 'scale'], output: ['q'] });
  });
  await refuse(t, quantised, true, said('int8, with DequantizeLinear, and int8'));
  const half = edited((graph) => makeHalf(graph, true));
  const engine: EngineSettings = { name: 'any', command: 'nothing' };
  await t.rejects(createOnnxFilePort(half, { device: 'cpu', engine }), {
    name: 'UserError',
    message:
      /in another engine: it computes in float16 throughout, and an engine is given and gives float32; a float32/,
  });
});

t.test('in float16 images and goldens are given as the file takes them, rounded', async (t) => {
  const port = await createOnnxFilePort(
    edited((graph) => makeHalf(graph, true)),
    { device: 'cpu' },
  );
  const loaded = await port.load(smallSection, weights);
  t.match(loaded.details!.weights, /equal to the bundle's rounded to float16$/);
  const [layer, last] = ['backbone.patch_embed1', 'logits'] as const;
  const asked = request([layer, last]);
  const run = async (change: Partial<typeof asked>) => {
    const seen = new Map<string, Float32NdArray>();
    await loaded.infer({ ...asked, ...change }, (name, { shape, data }) =>
      seen.set(name, float32NdArray(shape, data.slice())),
    );
    return seen;
  };
  const rounded = ({ shape, data }: Float32NdArray) => float32NdArray(shape, widenHalves(roundToHalves(data)));
  const plain = await run({});
  const image = rounded(asked.inputs.get('image') as Float32NdArray);
  const differ = (a: Map<string, Float32NdArray>, b: typeof a, name: string) =>
    relativeRms(a.get(name)!.data, b.get(name)!.data);
  t.equal(differ(await run({ inputs: new Map([...asked.inputs, ['image', image]]) }), plain, last), 0);

  const { shape, data } = plain.get(layer)!;
  const golden = float32NdArray(
    shape,
    data.map((value) => value * 1.3 + 1e-5),
  );
  const own = await run({ replacements: new Map([[layer, golden]]) });
  t.equal(differ(own, plain, layer), 0, 'it gives its own');
  t.ok(differ(own, plain, last) > 0.01, 'what follows reads the golden');
  t.equal(differ(await run({ replacements: new Map([[layer, rounded(golden)]]) }), own, last), 0);
  await loaded.dispose();
  await port.close();
});

t.test('an image of another form than the file takes is refused with the way out', async (t) => {
  const dims = (graph: GraphProto, ...sizes: (number | string)[]) => {
    const [input] = graph.input!;
    const dim = sizes.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: BigInt(size) }));
    input!.type = { tensorType: { elemType: 1, shape: { dim } } };
  };
  const fixed = edited((graph) => dims(graph, 1, 3, 96, 160));
  const begin =
    /: its input image is \[1, 3, 96, 160\], which is fixed, and the image is \[1, 3, 32, 64\]; sizes that fit are wanted\. Fix: .*/;
  await refuse(t, fixed, true, new RegExp(`${begin.source}npx tipcheck golden <yml> --input 96x160 --out <folder>$`));
  await refuse(t, fixed, false, new RegExp(`${begin.source}{type: Resize, target_size: \\[160, 96\\]}$`));
  const last = edited((graph) => dims(graph, 'N', 'H', 'W', 3));
  await refuse(
    t,
    last,
    false,
    /its input image is \[N, H, W, 3\], channels last; \[batch, 3, height, width\] is wanted\. Fix: an export in NCHW, or an input \[batch, 3, height, width\] with a Transpose of perm \[0, 2, 3, 1\] behind it$/,
  );
  await refuse(
    t,
    edited((graph) => dims(graph, 'N', 1, 'H', 'W')),
    false,
    /is \[N, 1, H, W\], and the image has 3 channels; as many/,
  );
  await refuse(
    t,
    edited((graph) => {
      graph.input![0]!.type!.tensorType!.elemType = 2;
    }),
    true,
    /its input image is uint8; float32 is wanted, normalised/,
  );
});

t.test('an output that has not the size of the image is refused where it is used', async (t) => {
  const path = edited((graph) => {
    graph.output = [{ name: 'decode_head', type: { tensorType: { elemType: 1 } } }];
  });
  await refuse(
    t,
    path,
    false,
    /the output decode_head of .*: it is \[1, 5, 4, 8\] for an image of 64×32; \[1, classes, 32, 64\]/,
  );
});

t.test('what the engine refuses of a file is said of the file, not in the words of the engine', async (t) => {
  const one = (edit: (graph: GraphProto, model: ModelProto) => void, message: RegExp) =>
    refuse(t, edited(edit), false, message);
  await one((_, model) => {
    model.irVersion = 99n;
  }, /: its IR version is 99, and onnxruntime-node [\d.]+ reads up to \d+; an older one is wanted\. Fix: model\.ir_version = \d+/);
  await one((_, model) => {
    model.opsetImport![0]!.version = 99n;
  }, /: its opset is 99, and onnxruntime-node [\d.]+ knows up to \d+; an older one is wanted/);
  await one((graph) => {
    graph.node!.at(-1)!.opType = 'Nonesuch';
  }, /: it uses the operator Nonesuch, which/);
  await one((graph) => {
    graph.node!.at(-1)!.domain = 'ai.nobody';
  }, /: it uses operators of ai\.nobody, which/);
  const plain =
    /^Cannot run \S+\.onnx: onnxruntime-node [\d.]+ refuses it (before it runs|for an image \[1, 3, 32, 64\])( at its node \S+)?( \(\w+\))?; a model that it runs is wanted\. Fix: python -c /;
  await one((graph) => {
    graph.initializer![0]!.rawData = graph.initializer![0]!.rawData!.subarray(4);
  }, plain);
  await one((graph) => {
    graph.initializer!.find(({ name }) => name === 'decode_head.conv_seg.weight')!.dims![1] = 7n;
  }, plain);
});
