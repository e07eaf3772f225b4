import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(600_000);

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');
const tinyPort = (fault: string) => `exec:"${process.execPath}" "${program}" ${fault}`;

async function judge(...args: string[]) {
  const env = { TIPCHECK_SKIP_ENSURE: '1' };
  return execaNode(join(packageRoot, 'cli', 'tipcheck.mjs'), ['judge', ...args], {
    reject: false,
    cwd: packageRoot,
    env,
  });
}

t.test('a place that cannot be written is said before anything runs', async (t) => {
  const bundle = await writeTestBundle(join(t.testdir({ file: '' }), 'tiny'));
  for (const option of ['--json', '--report']) {
    const { exitCode, stdout, stderr } = await judge(
      tinyPort('none'),
      bundle,
      option,
      join(t.testdirName, 'file', 'x'),
    );
    t.equal(exitCode, 2, option);
    t.match(stderr, /Cannot write .+: a part of its folder is a file; a place that can be written is wanted/);
    t.equal(stdout, '', 'no verdict');
  }
});

t.test('a port that agrees is exit 0, and the JSON has exactly the keys of the contract', async (t) => {
  const bundle = await writeTestBundle(join(t.testdir(), 'tiny'));
  const json = join(t.testdirName, 'out.json');
  const { exitCode, stderr } = await judge(tinyPort('none'), bundle, '--json', json);
  t.equal(exitCode, 0, stderr);
  const result = JSON.parse(await readFile(json, 'utf8'));
  t.strictSame(Object.keys(result), ['verdict', 'partial', 'bundles']);
  t.strictSame(Object.keys(result.bundles[0]), ['id', 'verdict', 'first_fault', 'first_fault_by', 'fault', 'probes']);
  t.match(result, { verdict: 'pass', partial: false, bundles: [{ id: 'tiny', verdict: 'pass', first_fault: null }] });
  t.equal(result.bundles[0].probes[0].isolated, null);
  t.match(result.bundles[0].probes[1], { name: 'z', verdict: 'pass', isolated: { noise_ratio: Number } });
});

t.test('a port that disagrees is exit 1 and the layer is named', async (t) => {
  const bundle = await writeTestBundle(join(t.testdir(), 'tiny'));
  const json = join(t.testdirName, 'out.json');
  const { exitCode, stdout } = await judge(tinyPort('wrong-z'), bundle, '--json', json);
  t.equal(exitCode, 1);
  t.match(stdout, /z/);
  const result = JSON.parse(await readFile(json, 'utf8'));
  t.match(result, { verdict: 'fail', bundles: [{ verdict: 'fail', first_fault: 'z' }] });
});

t.test('a port that cannot run is exit 3, before a disagreement, and the JSON says error', async (t) => {
  const folder = t.testdir();
  const bundles = [await writeTestBundle(join(folder, 'a')), await writeTestBundle(join(folder, 'b'))];
  const json = join(folder, 'out.json');
  const { exitCode, stdout } = await judge(tinyPort('exit'), ...bundles, '--json', json);
  t.equal(exitCode, 3);
  t.match(stdout, /it ended at infer with exit code 5/);
  t.match(JSON.parse(await readFile(json, 'utf8')), {
    verdict: 'error',
    bundles: [{ verdict: 'error' }, { verdict: 'error' }],
  });
});

const bad: readonly (readonly [what: string, args: (bundle: string) => string[], text: RegExp])[] = [
  ['an unknown port', (bundle) => ['no-such-port', bundle], /Cannot use port no-such-port/],
  ['a misspelt port', (bundle) => ['tfsj', bundle], /Did you mean tfjs\?/],
  ['an unknown bundle', () => [tinyPort('none'), 'no-such-bundle'], /no-such-bundle/],
  [
    'an --only that matches nothing',
    (bundle) => [tinyPort('none'), bundle, '--only', 'q*'],
    /it matches none of its 3 probes/,
  ],
  ['an unknown option', (bundle) => [tinyPort('none'), bundle, '--fast'], /unknown option '--fast'/],
  ['no bundle', () => [tinyPort('none')], /no bundle is given; one is wanted/],
  [
    'a device that no machine has',
    (bundle) => [tinyPort('none'), bundle, '--device', 'npu'],
    /Allowed choices are auto, cpu, gpu/,
  ],
  [
    'an option for .onnx files',
    (bundle) => [tinyPort('none'), bundle, '--own-weights'],
    /with --own-weights: it is not an \.onnx file/,
  ],
  [
    'a time that is none',
    (bundle) => [tinyPort('none'), bundle, '--timeout', '-1'],
    /A number of seconds above 0 is wanted/,
  ],
];
for (const [what, args, text] of bad) {
  t.test(`${what} is exit 2, says which, and nothing is written`, async (t) => {
    const bundle = await writeTestBundle(join(t.testdir(), 'tiny'));
    const json = join(t.testdirName, 'out.json');
    const { exitCode, stderr } = await judge(...args(bundle), '--json', json);
    t.equal(exitCode, 2);
    t.match(stderr, text);
    t.notOk(existsSync(json));
  });
}

t.test('one broken bundle among good ones is exit 2 before any port starts', async (t) => {
  const folder = t.testdir();
  const good = await writeTestBundle(join(folder, 'good'));
  const broken = await writeTestBundle(join(folder, 'broken'), (draft) => {
    draft.hashes.set('image.npy', '0'.repeat(64));
  });
  const { exitCode, stderr, stdout } = await judge(tinyPort('none'), good, broken);
  t.equal(exitCode, 2);
  t.match(stderr, /image\.npy/);
  t.equal(stdout, '');
});

t.test('a model key that no code knows is exit 2 for a built-in port and names it', async (t) => {
  const bundle = await writeTestBundle(join(t.testdir(), 'tiny'), (draft) => {
    draft.json.model = { type: 'SegNeXt', backbone: { type: 'MSCAN_T', depht: 3 }, num_classes: 19, decoder_cfg: {} };
  });
  const { exitCode, stderr } = await judge('tfjs', bundle);
  t.equal(exitCode, 2);
  t.match(stderr, /depht/);
  t.match(stderr, /case\.json/);
});

t.test('--only makes the JSON partial', async (t) => {
  const bundle = await writeTestBundle(join(t.testdir(), 'tiny'));
  const json = join(t.testdirName, 'out.json');
  const { exitCode } = await judge(tinyPort('wrong-z'), bundle, '--only', 'y', '--json', json);
  t.equal(exitCode, 0);
  t.match(JSON.parse(await readFile(json, 'utf8')), { partial: true, bundles: [{ probes: [{ name: 'y' }] }] });
});
