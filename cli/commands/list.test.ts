import t from 'tap';
import { readModels } from '../../models/registry.js';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './list.js';

const run = commandRunner(register, 'list');

t.test('list shows every room', async (t) => {
  const text = await run(t, []);
  for (const title of ['Ports', 'Models', 'Suites', 'Bundles', 'Loss curves', 'Evaluations', 'Configs'])
    t.match(text, new RegExp(`^${title}$`, 'm'));
  t.match(text, /^ {2}segnext-t +SegNeXt MSCAN_T +1×19×48×64 +353 +6\.8 MB +segnext_mscan_t-infer-48x64-s3$/m);
  t.match(text, /^ {2}segnext\/lite-infer +ort, tfjs +segnext-t segnext-s segnext-b segnext-l /m);
  t.match(text, /^ {2}segnext\/lite-train +ort, tfjs +segnext-t-train .*, curve segnext-t$/m);
  t.match(text, /^ {2}segnext\/full-eval +ort, tfjs +evaluation street$/m);
  t.match(text, /^ {2}configs\/tipc\/segnext\/train_infer_js\.txt$/m);
  t.notMatch(text, /_base_/);
});

t.test('list --json is the same as data', async (t) => {
  const found = JSON.parse(await run(t, ['--json']));
  t.same(found.models, [...(await readModels()).keys()]);
  t.match(
    found.suites.filter(({ name }: { name: string }) => name.startsWith('segnext/')),
    ['full-eval', 'lite-infer', 'lite-train'].map((mode) => ({ name: `segnext/${mode}`, ports: ['ort', 'tfjs'] })),
  );
  const byName = new Map(found.suites.map((suite: { name: string }) => [suite.name, suite]));
  t.match(byName.get('segnext/full-eval'), { bundles: { length: 0 }, evaluations: ['street'] });
  t.match(byName.get('segnext/lite-train'), { bundles: ['segnext-t-train'], curves: ['segnext-t'] });
  t.match(found, { curves: ['segnext-t'], evaluations: ['lpsnet-street', 'street'] });
  const small = found.bundles.find((bundle: { name: string }) => bundle.name === 'segnext-t');
  t.match(small, { phase: 'infer', logits: [1, 19, 48, 64], probes: 353, complete: 353 });
});

t.test('list <bundle> shows its probes in file order, with the noise that errors are measured in', async (t) => {
  const lines = (await run(t, ['segnext-t'])).split('\n').filter((line) => line.startsWith('  '));
  t.equal(lines.length, 1 + 353);
  t.match(lines[0], /probe +shape +golden +noise +own noise/);
  t.match(lines[1], /^ {2}backbone\.patch_embed1\.proj\.0 +1×16×24×32 +complete +\d\.\de-\d +\d\.\de-\d$/);
  t.match(lines.at(-1), /^ {2}logits /);
});

t.test('list of no bundle is refused', async (t) => {
  await t.rejects(run(t, ['segnext-x']), {
    name: 'UserError',
    message: /Cannot find bundle segnext-x: .* Did you mean segnext-/,
  });
});
