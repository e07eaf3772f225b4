import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { judgeCommand, prepareCommands } from './gate-command.js';
import { parseGateInputs } from './gate-inputs.js';

const asked = { TIPCHECK_PORT: 'ort', TIPCHECK_BUNDLES: 'segnext-t\n  segnext-s ' };

t.test('the environment says what is judged, and what is left out has its usual value', async (t) => {
  t.strictSame(parseGateInputs(asked), {
    port: 'ort',
    bundles: ['segnext-t', 'segnext-s'],
    suite: null,
    device: 'auto',
    require: [],
    baseline: null,
    waivers: null,
    failOn: ['fail', 'error', 'not-run'],
  });
  t.strictSame(parseGateInputs({ ...asked, TIPCHECK_FAIL_ON: 'never' }).failOn, []);
  t.strictSame(parseGateInputs({ ...asked, TIPCHECK_REQUIRE: 'tfjs, gpu' }).require, ['tfjs', 'gpu']);
});

const misused: readonly (readonly [what: string, changes: Record<string, string>, text: RegExp])[] = [
  ['no bundles and no suite', { TIPCHECK_BUNDLES: '' }, /neither bundles nor suite is given; one of them is wanted/],
  ['bundles and a suite', { TIPCHECK_SUITE: 'segnext/lite-infer' }, /bundles and suite are both given/],
  ['bundles without a port', { TIPCHECK_PORT: '' }, /port is empty; a port is wanted with bundles/],
  ['a device that is none', { TIPCHECK_DEVICE: 'npu' }, /device is npu; auto, cpu or gpu is wanted/],
  ['a fail-on that is none', { TIPCHECK_FAIL_ON: 'fail,eror' }, /fail-on names eror; .* Did you mean error\?/],
];
for (const [what, changes, text] of misused)
  t.test(`${what} is refused`, async (t) => {
    t.throws(() => parseGateInputs({ ...asked, ...changes }), { message: text });
  });

t.test('bundles are judged, a suite is tested, and options come before what the user gives', async (t) => {
  const inputs = parseGateInputs({ ...asked, TIPCHECK_WAIVERS: 'known.yaml', TIPCHECK_BASELINE: 'old.json' });
  t.same(judgeCommand(inputs, 'out'), [
    ...['judge', '--device', 'auto', '--baseline', 'old.json', '--waivers', 'known.yaml', '--report', 'out', '--'],
    ...['ort', 'segnext-t', 'segnext-s'],
  ]);
  const suite = { TIPCHECK_PORT: '', TIPCHECK_SUITE: 'segnext/lite-infer' };
  t.same(judgeCommand(parseGateInputs(suite), 'out'), [
    ...['test', `${packageRoot}/configs/tipc/segnext/train_infer_js.txt`, 'lite-infer', '--device', 'auto'],
    ...['--reports', 'out'],
  ]);
  t.same(judgeCommand(parseGateInputs({ ...suite, TIPCHECK_PORT: 'ort' }), 'out').slice(5, 7), ['--port', 'ort']);
  for (const name of ['segnext', 'segnext/../x', 'nonet/lite-infer'])
    t.throws(() => judgeCommand(parseGateInputs({ ...suite, TIPCHECK_SUITE: name }), 'out'), {
      message: new RegExp(`there is no suite ${name};`),
    });
});

t.test('only the engine of the port that is judged is prepared', async (t) => {
  const enginesFor = (port: string) => prepareCommands({ port, device: 'cpu' }).map(([, , engine]) => engine);
  t.same(enginesFor('ort'), ['ort']);
  t.same(enginesFor('models/my.onnx'), ['ort']);
  t.same(enginesFor('tfjs'), ['tfjs']);
  t.same(enginesFor('port.mjs'), []);
  t.same(enginesFor('exec:python3 port.py'), []);
  t.same(enginesFor(''), ['all']);
});
