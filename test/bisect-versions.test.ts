import { readdirSync, writeFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { resolveReleased } from '../harness/hosts/resolve-released.js';
import { bisectVersions } from '../harness/run/bisect/bisect-versions.js';
import { engineRequire } from '../harness/setup/engines.js';
import { packageRoot } from '../harness/support/package-root.js';
import { encodeModel } from '../onnx/model-proto.js';
import { onnxruntimeNode } from '../ports/ort/engine.js';
import { golden, tinyBundle } from './tiny-bundle.js';
import { tipcheck } from './tools-for-tests.js';

/** By release, what is wrong with it: see fake-npm.mjs. */
const releases = {
  '1.20.0': null,
  '1.20.1': null,
  '1.21.0-rev': 'broken off',
  '1.21.0': { layer: 'y', change: 1 + 2 ** -23 },
  '1.22.0': { layer: 'y', change: 1.01 },
  '1.23.0': null,
  '1.24.0': 'broken off',
  '1.25.0': 'another',
  '1.26.0': 'foreign',
};

t.setTimeout(300_000);

const folder = t.testdir({ bin: {} });
const cache = join(folder, 'cache');
const npm = join(folder, 'bin', 'npm');
await writeFile(npm, `#!/bin/sh\nexec "${process.execPath}" "${join(packageRoot, 'test', 'fake-npm.mjs')}" "$@"\n`);
await chmod(npm, 0o755);
Object.assign(process.env, {
  PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
  XDG_CACHE_HOME: cache,
  FAKE_ENGINE: engineRequire(onnxruntimeNode).resolve(onnxruntimeNode.name),
  FAKE_RELEASES: JSON.stringify(releases),
});
delete process.env.npm_execpath;

/** y = relu(image), logits = y + y, in tensors of these names. */
function file(): string {
  const floats = (name: string) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [1n, 3n, 2n, 2n].map((dimValue) => ({ dimValue })) } } },
  });
  const graph = {
    name: 'twice',
    input: [floats('image')],
    output: [floats('logits')],
    node: [
      { opType: 'Relu', name: 'relu', input: ['image'], output: ['y'] },
      { opType: 'Add', name: 'add', input: ['y', 'y'], output: ['logits'] },
    ],
  };
  const path = join(folder, 'twice.onnx');
  writeFileSync(path, encodeModel({ irVersion: 8n, opsetImport: [{ version: 17n }], graph }));
  return path;
}

function bundle(changes: Parameters<typeof tinyBundle>[0] = {}) {
  const y = (tinyBundle().inputs.get('image')!.data as Float32Array).map((value) => Math.max(0, value));
  const probes = [
    golden('y', y),
    golden(
      'logits',
      y.map((value) => 2 * value),
    ),
  ];
  return tinyBundle({ probes, ...changes });
}

async function bisect(range: string, of = bundle()) {
  const said: string[] = [];
  const told: string[] = [];
  const progress = { step: (line: string) => told.push(line), update: () => undefined };
  const code = await bisectVersions(resolveReleased('ort', file()), range, of, progress, (text) => said.push(text));
  const [table, end] = said;
  return { code, table: table!.split('\n'), end, told };
}

const installed = () => readdirSync(join(cache, 'tipcheck', 'engines')).sort();

t.test('a release that changes the last bit of a layer is named, and nothing fails', async (t) => {
  const { code, table, end, told } = await bisect('1.20..1.21');
  t.equal(code, 0);
  t.match(table, [
    /^release +verdict +worst own error +differs from the one before$/,
    /^1\.20\.0 +pass +0× noise, largest 0×, y$/,
    /^1\.20\.1 +pass +0× noise, largest 0×, y +the same bits$/,
    /^1\.21\.0 +pass +\S+× noise, largest \S+×, y +1 of 2 layers, first y: 0\.\d+× noise.*; it was 0× noise, largest 0×$/,
  ]);
  t.equal(table.length, 4, 'a pre-release is no release');
  t.equal(end, 'pass  no verdict changed: 3 releases pass; bits change in 1.21.0');
  t.strictSame(
    told.map((line) => line.split(' ').slice(0, 4).join(' ')),
    ['1.20.0', '1.20.1', '1.21.0'].map((release) => `Downloading onnxruntime-node@${release} from npm`),
  );
  t.strictSame(
    installed(),
    ['1.20.0', '1.20.1', '1.21.0'].map((release) => `onnxruntime-node-${release}`),
  );
  const kept = join(cache, 'tipcheck', 'engines', 'onnxruntime-node-1.20.0', 'node_modules', 'onnxruntime-node');
  t.strictSame(readdirSync(join(kept, 'bin', 'napi-v3')), [process.platform, 'plan9'].sort());
  t.strictSame(readdirSync(join(kept, 'bin', 'napi-v3', 'plan9')), [], 'the library of another machine is gone');
  t.strictSame((await bisect('1.20..1.21')).told, [], 'what is there is not fetched again');
});

t.test('a release that makes a layer fail is named with the layer, and the one that mends it', async (t) => {
  const { code, table, end } = await bisect('1.20.1..1.23');
  t.equal(code, 1);
  t.match(table[3], /^1\.22\.0 +fail +\S+× noise, largest \S+×, y +1 of 2 layers, first y: /);
  t.match(
    end,
    /^fail {2}1\.22\.0 changes the verdict of y from pass to fail: .*own error \d+× noise, .*; in 1\.21\.0 0\.\d+× noise, .*; 1\.23\.0 changes the verdict of y from fail to pass: own error 0× noise, largest 0×; in 1\.22\.0 \d+× noise/,
  );
});

t.test('where all releases fail, no verdict changed and the exit code is 1', async (t) => {
  const other = bundle();
  const wrong = other.probes.map((one) =>
    one.name === 'logits'
      ? golden(
          'logits',
          one.value.map(() => 1),
        )
      : one,
  );
  const { code, end } = await bisect('1.20.0..1.20.1', bundle({ probes: wrong }));
  t.equal(code, 1);
  t.equal(end, 'fail  no verdict changed: 2 releases fail, the first fault is logits');
});

t.test('a release that cannot be used says so in its row, and leaves nothing half', async (t) => {
  const { code, table, end } = await bisect('1.23..1.26');
  t.equal(code, 3);
  t.match(table.slice(1), [
    /^1\.23\.0 +pass/,
    /^1\.24\.0 +not run +Cannot install onnxruntime-node@1\.24\.0: code ECONNRESET\. Fix: see that npm's registry can be/,
    /^1\.25\.0 +not run +Cannot run .* in 1\.25\.0: onnxruntime-node 9\.9\.9 was loaded; 1\.25\.0 is wanted$/,
    /^1\.26\.0 +not run +Cannot install onnxruntime-node@1\.26\.0: it has no library for \S+; a release with one is wanted$/,
  ]);
  t.equal(end, 'error  no verdict changed: 1 release passes, with the same bits; not run: 1.24.0, 1.25.0, 1.26.0');
  t.notOk(
    installed().some((name) => /1\.24\.0|1\.26\.0|tmp/.test(name)),
    installed().join(),
  );
});

t.test('a file whose tensors must be found needs a release that tells types', async (t) => {
  const probes = bundle().probes.map((one) => (one.name === 'y' ? { ...one, name: 'relu1' } : one));
  await t.rejects(bisect('1.20..1.20', bundle({ probes })), {
    name: 'EnvironmentError',
    message:
      /onnxruntime-node 1\.20\.0: it does not tell the types of outputs; 1\.22 or later is wanted, or a file whose/,
  });
});

t.test('no range, an empty one and a bundle of training are refused', async (t) => {
  for (const [range, message] of [
    [
      '1.20',
      /^Cannot bisect 1\.20: it is no range of releases; two with \.\. between them are wanted, as 1\.20\.\.1\.30$/,
    ],
    ['1.20..latest', /it is no range of releases/],
    [
      '1.21..1.20',
      /^Cannot bisect 1\.21\.\.1\.20: it holds 0 published releases; two or more are wanted of 1\.20\.0, /,
    ],
    ['1.23..1.23', /it holds 1 published release; two or more/],
  ] as const)
    await t.rejects(bisect(range), { name: 'UserError', message });
  await t.rejects(bisect('1.20..1.21', bundle({ phase: 'train' })), { message: /tiny: it is a bundle of training/ });
});

t.test("a built-in port runs a bundle's own network in each release", async (t) => {
  const { exitCode, stdout } = await type('ort', '1.20..1.20', 'ham-cd');
  t.equal(exitCode, 0, stdout);
  t.match(stdout, /\npass {2}no verdict changed: 2 releases pass, with the same bits$/);
});

t.test('without a network the exit code is 3, with another port or no file of its 2', async (t) => {
  const offline = await type('ort', '1.20..1.21', 'ham-cd', { FAKE_RELEASES: '{"offline":true}' });
  t.equal(offline.exitCode, 3);
  t.equal(
    offline.stderr.trim(),
    "Cannot list the releases of onnxruntime-node: code ENOTFOUND. Fix: see that npm's registry can be reached",
  );
  const other = await type('tfjs', '1.20..1.21', 'ham-cd');
  t.equal(other.exitCode, 2);
  t.equal(other.stderr.trim(), 'Cannot bisect tfjs: nobody can choose the release of its engine; ort is wanted');
  const module = await tipcheck(['bisect-versions', 'ort', '1.20..1.21', npm, 'ham-cd'], folder);
  t.equal(module.exitCode, 2);
});

function type(port: string, range: string, of: string, environment: Record<string, string> = {}) {
  return tipcheck(['bisect-versions', port, range, of], folder, environment);
}
