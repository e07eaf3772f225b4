import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { renderNpz } from '../../harness/golden/npz.js';
import { cacheFolder } from '../../harness/support/cache-folder.js';
import { decodeModel } from '../../onnx/model-proto.js';
import { seededModel } from '../tfjs-shared/seeded-model-for-tests.js';
import { exportModel } from './export-model.js';
import { openRuntime } from './session.js';
import { relativeRms, smallSection } from './small-model-for-tests.js';

const imageShape = [2, 3, 37, 64];
const { weights, request } = await seededModel(smallSection, imageShape);
const origin = new Map([['tipcheck.weights', 'a test']]);

t.test('an exported file says where it came from and leaves its sizes open', async (t) => {
  const model = decodeModel(await exportModel(smallSection, weights, { draws: 'input', layers: false, origin }));
  const metadata = new Map(model.metadataProps?.map(({ key, value }) => [key, value]));
  t.equal(metadata.get('tipcheck.weights'), 'a test');
  t.equal(metadata.get('tipcheck.opset'), '20');
  t.strictSame(JSON.parse(metadata.get('tipcheck.model') ?? ''), smallSection);
  const dims = (name: string) =>
    [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])]
      .find((value) => value.name === name)
      ?.type?.tensorType?.shape?.dim?.map(({ dimValue, dimParam }) => dimParam ?? Number(dimValue));
  t.strictSame(dims('image'), ['batch', 3, 'height', 'width']);
  t.strictSame(dims('logits'), ['batch', 5, 'height', 'width']);
  t.equal(dims('decode_head.hamburger.ham.bases')?.length, 3);
});

t.test(
  'with layers every parameter is an initializer and every sublayer a tensor, each under its own name',
  async (t) => {
    const { graph } = decodeModel(await exportModel(smallSection, weights, { draws: 'random', layers: true, origin }));
    const initializers = new Set(graph?.initializer?.map(({ name }) => name));
    for (const name of weights.keys()) if (!initializers.has(name)) t.fail(name);
    const tensors = new Set(graph?.node?.flatMap(({ output }) => output));
    for (const name of ['backbone', 'backbone.block2.0.attn.proj_1', 'decode_head.dropout', 'logits'])
      t.ok(tensors.has(name));
    t.strictSame(
      graph?.input?.map(({ name }) => name),
      ['image'],
    );
    t.equal(
      graph?.node?.find(({ opType }) => opType === 'RandomUniformLike')?.name,
      'decode_head.hamburger.ham.bases/RandomUniformLike',
    );
  },
);

t.test("VQ and CD are exported in ONNX's own operators, and draw normal numbers", async (t) => {
  for (const type of ['VQ', 'CD']) {
    const decoder = smallSection.decoder_cfg as object;
    const section = { ...smallSection, decoder_cfg: { ...decoder, ham_kwargs: { HAM_TYPE: type, MD_R: 5 } } };
    const { weights } = await seededModel(section, imageShape);
    const { graph } = decodeModel(await exportModel(section, weights, { draws: 'random', layers: false, origin }));
    t.same(
      graph?.node?.filter(({ domain }) => domain !== undefined && domain !== ''),
      [],
      type,
    );
    const drawing = graph?.node?.filter(({ opType }) => opType?.startsWith('Random')).map(({ opType }) => opType);
    t.same(drawing, ['RandomNormalLike'], type);
  }
});

t.test("Python's onnx.checker accepts the files, and Python's onnxruntime finds the same logits", async (t) => {
  const python = findPython();
  if (python === null)
    return void t.comment('not run: neither python3 nor an environment of `npm run bench` holds onnx and onnxruntime');
  const folder = t.testdir();
  const bytes = await exportModel(smallSection, weights, { draws: 'input', layers: false, origin });
  const layered = await exportModel(smallSection, weights, { draws: 'random', layers: true, origin });
  const { inputs, draws } = request([]);
  const session = await (await openRuntime({ device: 'cpu' })).openSession(bytes, 'all');
  const expected = (await session.run(new Map([...inputs, ...draws]))).get('logits')!;
  await session.release();
  writeFileSync(join(folder, 'small.onnx'), bytes);
  writeFileSync(join(folder, 'layers.onnx'), layered);
  writeFileSync(join(folder, 'feeds.npz'), renderNpz(new Map([...inputs, ...draws])));
  execFileSync(python, ['-c', checkAndRun], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const found = new Float32Array(Uint8Array.from(readFileSync(join(folder, 'logits.bin'))).buffer);
  t.equal(found.length, expected.data.length);
  t.ok(relativeRms(found, expected.data) < 3e-6);
});

const checkAndRun = `
import numpy, onnx, onnxruntime
for file in ("small.onnx", "layers.onnx"):
    onnx.checker.check_model(file, full_check=True)
session = onnxruntime.InferenceSession("small.onnx", providers=["CPUExecutionProvider"])
feeds = dict(numpy.load("feeds.npz"))
session.run(None, feeds)[0].tofile("logits.bin")
onnxruntime.InferenceSession("layers.onnx", providers=["CPUExecutionProvider"]).run(None, {"image": feeds["image"]})
`;

/** Of an environment that scripts/oracle-environment.ts has made for the bench, else python3. */
function findPython(): string | null {
  const folder = cacheFolder('oracle');
  const made = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('bench-')) : [];
  const interpreters = made.map((name) => join(folder, name, 'bin', 'python'));
  return [...interpreters, 'python3'].find(holdsOnnx) ?? null;
}

/** An environment that is being made holds only a part. */
function holdsOnnx(python: string): boolean {
  return spawnSync(python, ['-c', 'import numpy, onnx, onnxruntime']).status === 0;
}
