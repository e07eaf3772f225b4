import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { register } from '../cli/commands/check-port.js';
import { endRunner } from '../cli/run-command-for-tests.js';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { checkPort, type PortCheck } from '../harness/run/check-port/check-port.js';
import { findGpu } from '../harness/support/find-gpu.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tinyBundle } from './tiny-bundle.js';

t.setTimeout(600_000);

const bundle = tinyBundle({
  parameters: new Map([['layer.weight', [1]]]),
  weights: [{ kind: 'arrays', arrays: new Map([['layer.weight', float32NdArray([1], Float32Array.of(1))]]) }],
});

async function check(spec: string) {
  const found: PortCheck[] = [];
  const agrees = await checkPort(resolvePort(spec), bundle, (one) => found.push(one));
  return { found, agrees, failed: found.filter(({ state }) => state === 'fail') };
}

/** The network of tiny-bundle.ts as a module, with one fault. */
function writePort(folder: string, fault: string): string {
  const path = join(folder, `${fault}.mjs`);
  writeFileSync(
    path,
    `const fault = '${fault}';
let loads = 0, kept = null;
export async function createPort({ device }) {
  if (device === 'gpu' && fault !== 'silent') throw new Error('no GPU is there');
  const report = { engine: 'tiny', version: '1', device: 'cpu', provider: 'none', tf32: 'not applicable', details: {} };
  return { report, capabilities: ['infer', 'replace'], load, async close() { if (fault === 'close') throw new Error('it is full'); } };
}
async function load(model, weights) {
  const wrong = weights.has('layer.weight') ? [...weights.keys()].find((name) => name !== 'layer.weight') : 'layer.weight';
  if (wrong !== undefined && fault !== 'any weight') throw new Error(fault === 'unnamed' ? 'it does not fit' : wrong);
  loads += 1;
  if (fault === 'crash' && loads > 1) process.exit(3);
  return { infer, async dispose() {} };
}
async function infer({ inputs, probes, replacements }, onProbe) {
  const { data, shape } = inputs.get('image');
  const record = (name, own) => {
    const given = replacements.get(name)?.data;
    const said = fault === 'early' && name === 'z' && given !== undefined ? given : own;
    if (probes.includes(name)) onProbe(name, { dtype: 'f4', shape: fault === 'shape' ? [12] : shape, data: said });
    if (fault === 'sticky') kept = given ?? kept;
    if (fault === 'sticky' && name === 'z') return kept ?? own;
    return (fault === 'ignores' && name === 'z') || given === undefined ? own : given;
  };
  const by = fault === 'random' ? Math.random() : fault === 'forgets' ? loads : 1;
  const y = record('y', data.map((value) => 2 * by * value));
  const z = record('z', y.map((value) => value + 1));
  const z2 = fault === 'alone' && probes.length === 1 ? 2 : 1;
  record('logits', z.map((value) => z2 * value * value));
  if (fault === 'invents' && probes.includes('tipcheck.no_such_layer')) record('tipcheck.no_such_layer', y);
}
`,
  );
  return path;
}

t.test('a port that does all that is asked of it passes each check', async (t) => {
  const { found, agrees } = await check(writePort(t.testdir(), 'none'));
  t.strictSame(
    found.map(({ name, state }) => (name === 'gpu' ? name : `${name} ${state}`)),
    [
      'start pass',
      'load pass',
      'probes pass',
      'shapes pass',
      'repeat pass',
      'outputs pass',
      'unknown probe pass',
      'recorded first pass',
      'replace pass',
      'replaced once pass',
      'unknown weight pass',
      'missing weight pass',
      'dispose pass',
      'close pass',
      'gpu',
    ],
  );
  t.ok(agrees);
});

for (const [fault, failing, why] of [
  ['ignores', 'replace', /^other values in its place moved nothing after it \(or no layer reads it\): z$/],
  ['early', 'recorded first', /^not its own output, once it is replaced: z$/],
  ['sticky', 'replaced once', /^the next run still differs, first at z$|first at logits$/],
  ['random', 'repeat', /^two equal runs are .* apart at /],
  ['shape', 'shapes', /^y is \[12\], and \[1, 3, 2, 2\] is wanted, /],
  ['alone', 'outputs', /^asked for alone, logits is missing, or not what it is beside probes$/],
  ['invents', 'unknown probe', /^it gave tipcheck\.no_such_layer, a name that no layer has$/],
  ['any weight', 'unknown weight', /^it takes weights with tipcheck\.no_such\.weight and says nothing$/],
  ['any weight', 'missing weight', /^it takes weights without layer\.weight and says nothing$/],
  ['forgets', 'dispose', /^loaded again, it gives something else, first at y$/],
  ['crash', 'goes on', /ended with exit code 3/],
  ['close', 'close', /it is full/],
  ...(findGpu().found ? [] : [['silent', 'gpu', /^asked for the GPU, it takes the CPU in silence/] as const]),
] as const)
  t.test(`a port that goes wrong by ${fault} fails at ${failing}`, async (t) => {
    const { failed, agrees } = await check(writePort(t.testdir(), fault));
    t.match(failed.find(({ name }) => name === failing)?.found, why);
    t.notOk(agrees);
  });

t.test('a weight that is refused without its name is a note', async (t) => {
  const { found, agrees } = await check(writePort(t.testdir(), 'unnamed'));
  t.strictSame(found.filter(({ state, name }) => state === 'note' && name !== 'gpu').length, 2);
  t.ok(agrees);
});

const program = (fault: string) =>
  `exec:"${process.execPath}" "${join(packageRoot, 'test', 'ports', 'tiny-exec.mjs')}" ${fault}`;

t.test('a line that nobody asked for fails; a port that cannot start is thrown', async (t) => {
  const { failed } = await check(program('late'));
  t.match(failed.map(({ found }) => found).join('\n'), /it wrote a line that nobody asked for/);
  await t.rejects(check(program('garbage')), { name: 'EnvironmentError', message: /a line that is not a JSON object/ });
});

t.test('the smallest bundle is taken where none is given, and one of training is refused', async (t) => {
  const run = endRunner(register, 'check-port');
  await t.rejects(run(t, [program('load')]), { name: 'EnvironmentError', message: /it was told to fail/ });
  await t.rejects(run(t, [program('none'), 'segnext-t-train']), {
    name: 'UserError',
    message: /^Cannot check a port by .*: it is a bundle of training; one of inference is wanted$/,
  });
});
