import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseResult } from '../harness/result/parse-result.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const file = join(packageRoot, 'configs/tipc/lpsnet/train_infer_js.txt');

t.test('--also puts bundles of other models into the report of a suite', async (t) => {
  const folder = t.testdir();
  const args = ['test', file, 'lite_infer', '--port', 'ort', '--also', 'segnext-custom', 'segnext-t-classes'];
  const { exitCode, stdout } = await tipcheck([...args, '--reports', '.'], folder);
  t.equal(exitCode, 3, 'the suite requires tfjs, too');
  const [, report = ''] = /report +(.*)report\.html/.exec(stdout) ?? [];
  const { cases, suite } = parseResult(readFileSync(join(folder, report, 'result.json'), 'utf8'));
  t.equal(suite, 'lpsnet/lite-infer');
  t.strictSame(
    cases.map(({ id, verdict }) => `${id.replace(/-infer.*/, '')} ${verdict}`),
    ['lpsnet_m', 'lpsnet_s', 'lpsnet_l', 'lpsnet_custom', 'segnext_custom', 'segnext_mscan_t-classes'].map(
      (name) => `ort/${name} pass`,
    ),
  );
});

t.test('--also is refused where it has no place', async (t) => {
  for (const [modes, also, message] of [
    [['lite_infer'], 'lpsnet-m', /^Cannot use --also lpsnet-m: the suite has it already; a bundle of another model is/],
    [
      ['lite_train_lite_infer'],
      'segnext-t',
      /^Cannot use --also with lite_train_lite_infer: it adds goldens; one of li/,
    ],
    [['lite_infer'], 'segnext-x', /^Cannot find bundle segnext-x: /],
  ] as const) {
    const { exitCode, stderr } = await tipcheck(['test', file, ...modes, '--also', also], t.testdir());
    t.equal(exitCode, 2);
    t.match(stderr.split('\n').find((line) => line.startsWith('Cannot')) ?? stderr, message);
  }
});
