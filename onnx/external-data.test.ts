import { execFileSync } from 'node:child_process';
import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { decodeModel, encodeModel, type ModelProto, type TensorProto } from './model-proto.js';
import { readOnnxModel } from './read-model.js';

/** A tensor whose numbers lie in a file. */
const outside = (entries: Readonly<Record<string, string>>, name = 'w'): TensorProto => ({
  name,
  dims: [2n],
  dataType: 1,
  dataLocation: 1,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
});

const eight = Buffer.from(Float32Array.of(1, 2).buffer);

/** A folder with a model of one such tensor, and files around it. */
async function read(t: Test, entries: Readonly<Record<string, string>>, files?: (folder: string) => void) {
  const folder = join(t.testdir({ model: {}, 'x.data': eight }), 'model');
  writeFileSync(join(folder, 'x.data'), Buffer.concat([eight, eight]));
  files?.(folder);
  const graph = { node: [{ opType: 'Relu', input: ['w'], output: ['y'] }], initializer: [outside(entries)] };
  writeFileSync(join(folder, 'model.onnx'), encodeModel({ graph }));
  return { model: await readOnnxModel(join(folder, 'model.onnx')) };
}

t.test('data beside the model are put into it', async (t) => {
  const { model } = await read(t, { location: 'x.data', offset: '8', length: '8' });
  t.same(model.graph.initializer![0]!.rawData, eight);
  t.equal(model.graph.initializer![0]!.externalData, undefined);
});

t.test('data outside the folder of the model are not read', async (t) => {
  const link = 'is a link that leaves the folder; a file within it is wanted';
  for (const [location, why, files] of [
    ['../x.data', 'leaves the folder; a relative path within it is wanted'],
    ['/etc/hostname', 'leaves the folder; a relative path within it is wanted'],
    ['link', link, (folder: string) => symlinkSync('../x.data', join(folder, 'link'))],
    ['up/x.data', link, (folder: string) => symlinkSync('..', join(folder, 'up'))],
    [
      'hard',
      'has a second name elsewhere (a hard link); a file of its own is wanted. Fix: copy it',
      (folder: string) => linkSync(join(folder, '..', 'x.data'), join(folder, 'hard')),
    ],
    ['pipe', 'is not a plain file; one is wanted', (folder: string) => execFileSync('mkfifo', [join(folder, 'pipe')])],
  ] as const)
    await t.rejects(read(t, { location }, files), {
      name: 'UserError',
      message: new RegExp(
        `^Cannot read initializer w of .*model\\.onnx: its data are in "${location}", which ${why.replace(/[()]/g, '\\$&')}$`,
      ),
    });
});

t.test('offsets and lengths are decimal digits of bytes that are there', async (t) => {
  for (const [entries, why] of [
    [{ offset: '0x8' }, 'the offset of its data is "0x8"; decimal digits are wanted'],
    [{ offset: ' 8' }, 'the offset of its data is " 8"; decimal digits are wanted'],
    [{ offset: '-8' }, 'the offset of its data is "-8"; decimal digits are wanted'],
    [{ offset: '1e1' }, 'the offset of its data is "1e1"; decimal digits are wanted'],
    [{ length: '' }, 'the length of its data is ""; decimal digits are wanted'],
    [{ length: '9007199254740993' }, 'the length of its data is "9007199254740993"; decimal digits are wanted'],
    [{ offset: '9', length: '8' }, 'bytes 9 to 17 of x.data are named, which has 16; bytes that are there are wanted'],
    [{ offset: '17' }, 'bytes 17 to 16 of x.data are named, which has 16; bytes that are there are wanted'],
  ] as const)
    await t.rejects(read(t, { location: 'x.data', ...entries }), {
      name: 'UserError',
      message: new RegExp(`: ${why}$`),
    });
  await t.rejects(read(t, {}), { message: /: no file is named for its data; one in the model's folder is wanted$/ });
});

t.test(
  'data of nodes, branches, functions and sparse tensors are looked for there, too, and nowhere else',
  async (t) => {
    const beside = () => outside({ location: 'only-here.data', length: '8' });
    const places: readonly ModelProto[] = [
      { graph: { node: [{ opType: 'Constant', output: ['y'], attribute: [{ name: 'value', t: beside() }] }] } },
      { graph: { node: [{ opType: 'C', output: ['y'], attribute: [{ name: 'v', tensors: [beside()] }] }] } },
      {
        graph: {
          node: [{ opType: 'If', output: ['y'], attribute: [{ name: 'a', g: { node: [], initializer: [beside()] } }] }],
        },
      },
      {
        graph: {
          node: [{ opType: 'If', output: ['y'], attribute: [{ name: 'a', graphs: [{ initializer: [beside()] }] }] }],
        },
      },
      { graph: { node: [{ opType: 'R' }], sparseInitializer: [{ values: beside(), indices: beside() }] } },
      { graph: { node: [{ opType: 'R', attribute: [{ name: 's', sparseTensor: { values: beside() } }] }] } },
      {
        graph: { node: [{ opType: 'F' }] },
        functions: [{ node: [{ opType: 'Constant', attribute: [{ name: 'value', t: beside() }] }] }],
      },
    ];
    const folder = t.testdir({ model: { 'only-here.data': eight } });
    for (const [at, model] of places.entries()) {
      const path = join(folder, 'model', `${at}.onnx`);
      writeFileSync(path, encodeModel(model));
      const read = encodeModel(await readOnnxModel(path));
      t.notOk(Buffer.from(read).includes('only-here.data'), `place ${at}`);
      t.ok(Buffer.from(read).includes(eight), `place ${at}`);
      t.ok(decodeModel(read).graph);
    }
  },
);
