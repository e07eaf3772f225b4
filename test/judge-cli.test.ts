import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { renderNpy } from '../harness/golden/npy.js';
import { renderNpz } from '../harness/golden/npz.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tinyBundle } from './tiny-bundle.js';

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');
const tinyPort = (fault: string) => `exec:"${process.execPath}" "${program}" ${fault}`;

async function judge(...args: string[]) {
  return execaNode(join(packageRoot, 'cli', 'tipcheck.mjs'), ['judge', ...args], { reject: false, cwd: packageRoot });
}

/** Writes the tiny bundle into a folder. A parameter that no port reads makes the weights not empty. */
async function writeTinyBundle(folder: string, change: (written: Record<string, unknown>) => void = () => undefined) {
  await mkdir(folder, { recursive: true });
  const { inputs, probes } = tinyBundle();
  const image = renderNpy(inputs.get('image')!);
  const goldens = renderNpz(
    new Map(probes.map(({ name, shape, value }) => [name, { dtype: 'f4', shape, data: value }])),
    {},
  );
  const noise = { rel_rms: 1e-7, max_over_rms: 5e-7 };
  const written = {
    format: 'golden-bundle/1',
    id: 'tiny',
    phase: 'infer',
    model: { type: 'Tiny' },
    parameters: { 'layer.weight': [2, 2] },
    weights: [{ seeded: { scheme: 'uniform/1', seed: 1 } }],
    inputs: { image: { file: 'image.npy' } },
    draws: {},
    probes: probes.map(({ name, shape }) => ({
      name,
      value: { file: 'probes.npz', key: name },
      shape,
      noise,
      own_noise: noise,
    })),
    sha256: { 'image.npy': sha256(image), 'probes.npz': sha256(goldens) },
    made_by: { framework: 'by hand' },
  };
  change(written);
  await writeFile(join(folder, 'image.npy'), image);
  await writeFile(join(folder, 'probes.npz'), goldens);
  await writeFile(join(folder, 'case.json'), JSON.stringify(written));
  return folder;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

t.test('a port that agrees is exit 0, and the JSON has exactly the keys of the contract', async (t) => {
  const bundle = await writeTinyBundle(join(t.testdir(), 'tiny'));
  const json = join(t.testdirName, 'out.json');
  const { exitCode, stderr } = await judge(tinyPort('none'), bundle, '--json', json);
  t.equal(exitCode, 0, stderr);
  const result = JSON.parse(await readFile(json, 'utf8'));
  t.strictSame(Object.keys(result), ['verdict', 'partial', 'bundles']);
  t.strictSame(Object.keys(result.bundles[0]), ['id', 'verdict', 'first_fault', 'first_fault_by', 'probes']);
  t.match(result, { verdict: 'pass', partial: false, bundles: [{ id: 'tiny', verdict: 'pass', first_fault: null }] });
  t.equal(result.bundles[0].probes[0].isolated, null);
  t.match(result.bundles[0].probes[1], { name: 'z', verdict: 'pass', isolated: { noise_ratio: Number } });
});

t.test('a port that disagrees is exit 1 and the layer is named', async (t) => {
  const bundle = await writeTinyBundle(join(t.testdir(), 'tiny'));
  const json = join(t.testdirName, 'out.json');
  const { exitCode, stdout } = await judge(tinyPort('wrong-z'), bundle, '--json', json);
  t.equal(exitCode, 1);
  t.match(stdout, /z/);
  const result = JSON.parse(await readFile(json, 'utf8'));
  t.match(result, { verdict: 'fail', bundles: [{ verdict: 'fail', first_fault: 'z' }] });
});

t.test('a port that cannot run is exit 3, before a disagreement, and the JSON says error', async (t) => {
  const folder = t.testdir();
  const bundles = [await writeTinyBundle(join(folder, 'a')), await writeTinyBundle(join(folder, 'b'))];
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
  ['no bundle', () => [tinyPort('none')], /missing required argument 'bundle'/],
  [
    'a device that no machine has',
    (bundle) => [tinyPort('none'), bundle, '--device', 'npu'],
    /Allowed choices are auto, cpu, gpu/,
  ],
  [
    'a time that is none',
    (bundle) => [tinyPort('none'), bundle, '--timeout', '-1'],
    /a number of seconds above 0 is wanted/,
  ],
];
for (const [what, args, text] of bad) {
  t.test(`${what} is exit 2, says which, and nothing is written`, async (t) => {
    const bundle = await writeTinyBundle(join(t.testdir(), 'tiny'));
    const json = join(t.testdirName, 'out.json');
    const { exitCode, stderr } = await judge(...args(bundle), '--json', json);
    t.equal(exitCode, 2);
    t.match(stderr, text);
    t.notOk(existsSync(json));
  });
}

t.test('one broken bundle among good ones is exit 2 before any port starts', async (t) => {
  const folder = t.testdir();
  const good = await writeTinyBundle(join(folder, 'good'));
  const broken = await writeTinyBundle(join(folder, 'broken'), (written) => {
    written.sha256 = { ...(written.sha256 as object), 'image.npy': '0'.repeat(64) };
  });
  const { exitCode, stderr, stdout } = await judge(tinyPort('none'), good, broken);
  t.equal(exitCode, 2);
  t.match(stderr, /image\.npy/);
  t.equal(stdout, '');
});

t.test('a model key that no code knows is exit 2 for a built-in port and names it', async (t) => {
  const bundle = await writeTinyBundle(join(t.testdir(), 'tiny'), (written) => {
    written.model = { type: 'SegNeXt', backbone: { type: 'MSCAN_T', depht: 3 }, num_classes: 19, decoder_cfg: {} };
  });
  const { exitCode, stderr } = await judge('tfjs', bundle);
  t.equal(exitCode, 2);
  t.match(stderr, /depht/);
  t.match(stderr, /case\.json/);
});

t.test('--only makes the JSON partial', async (t) => {
  const bundle = await writeTinyBundle(join(t.testdir(), 'tiny'));
  const json = join(t.testdirName, 'out.json');
  const { exitCode } = await judge(tinyPort('wrong-z'), bundle, '--only', 'y', '--json', json);
  t.equal(exitCode, 0);
  t.match(JSON.parse(await readFile(json, 'utf8')), { partial: true, bundles: [{ probes: [{ name: 'y' }] }] });
});
