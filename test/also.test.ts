import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { selectBundles } from '../harness/config/select-bundles.js';
import { findSuite, readSuite } from '../harness/config/suite.js';
import { listShippedBundles } from '../harness/golden/list-shipped.js';
import { readShipped } from '../harness/golden/shipped-goldens.js';
import { makeCase, makeResult } from '../harness/reporters/result-for-tests.js';
import { parseResult } from '../harness/result/parse-result.js';
import { findDropped } from '../harness/run/verify-cases.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

/** No folder of these tests has it: the one that ships is taken. */
const file = 'configs/tipc/lpsnet/train_infer_js.txt';

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

t.test('a case beside the suites that is taken out of a stored run is missed', async (t) => {
  const shipped = await readShipped();
  const names = selectBundles(readSuite(findSuite('lpsnet', 'lite-infer')!).bundles, listShippedBundles(), 'lpsnet');
  const cases = [...names, 'segnext-t'].flatMap((name) =>
    ['ort', 'tfjs'].map((port) => makeCase({ id: `${port}/${shipped.get(`bundle ${name}`)!.id}`, port })),
  );
  const command = ['test', file, 'lite_infer', '--also', 'segnext-t', '--threads', '1'];
  const dropped = (some: typeof cases) =>
    findDropped(makeResult(some, { suite: 'lpsnet/lite-infer', command }), shipped);
  t.strictSame(dropped(cases), []);
  t.strictSame(dropped(cases.slice(0, -1)), [
    'tfjs on the bundle segnext-t is missing; --also of the command plans it',
  ]);
});

t.test('--also is refused where it has no place', async (t) => {
  for (const [modes, also, message] of [
    [['lite_infer'], 'lpsnet-m', /^Cannot use --also lpsnet-m: the suite has it already; a bundle of another model is/],
    [
      ['lite_train_lite_infer'],
      'segnext-t',
      /^Cannot use --also with lite_train_lite_infer: it adds goldens; one of li/,
    ],
    [
      ['lite_infer'],
      'segnext-x',
      /^Cannot use --also segnext-x: it is not one of the bundles that tipcheck ships; the name/,
    ],
    [['lite_infer'], join(packageRoot, 'fixtures/golden/lpsnet-m'), /it is not one of the bundles that tipcheck ships/],
  ] as const) {
    const { exitCode, stderr } = await tipcheck(['test', file, ...modes, '--also', also], t.testdir());
    t.equal(exitCode, 2);
    t.match(stderr.split('\n').find((line) => line.startsWith('Cannot')) ?? stderr, message);
  }
});
