import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { selectBundles } from '../../harness/config/select-bundles.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseTipcText } from '../plan/read-tipc-file.js';
import { planSuite } from './plan-suite.js';

const own = readFileSync(join(packageRoot, 'configs', 'tipc', 'segnext', 'train_infer_js.txt'), 'utf8');
const shipped = ['segnext-b', 'segnext-l', 'segnext-s', 'segnext-t', 'segnext-t-odd', 'segnext-t-train'];
const plan = (text: string, mode: string) => planSuite(parseTipcText(text, 'f.txt'), mode, shipped);

t.test('our own file names both ports and every shipped inference bundle, the four sizes first', async (t) => {
  const planned = plan(own, 'lite_infer');
  t.equal(planned.name, 'segnext/lite-infer');
  t.strictSame(planned.ports, ['ort', 'tfjs']);
  t.strictSame(planned.bundles, ['segnext-t', 'segnext-s', 'segnext-b', 'segnext-l', 'segnext-t-odd']);
  t.strictSame(planned.devices, ['auto']);
  t.equal(planned.threads, null);
  t.strictSame(planned.notes, []);
});

t.test('a mode may be written with hyphens', async (t) => {
  t.strictSame(plan(own, 'lite-infer'), plan(own, 'lite_infer'));
});

t.test("without port_params the suite's ports run, on the file's devices and threads", async (t) => {
  const theirs = own
    .replace(/=+port_params=+\n.*\n/, '')
    .replace('--device:auto\n--enable', '--device:True|cpu|False\n--enable')
    .replace('--cpu_threads:null', '--cpu_threads:6');
  const planned = plan(theirs, 'lite_infer');
  t.strictSame(planned.ports, ['ort', 'tfjs']);
  t.strictSame(planned.devices, ['gpu', 'cpu']);
  t.equal(planned.threads, 6);
});

t.test("the file's ports go before the suite's, in their order", async (t) => {
  t.strictSame(plan(own.replace('--port:ort|tfjs', '--port:tfjs|ort'), 'lite_infer').ports, ['tfjs', 'ort']);
});

t.test('leaving out a required port is noted', async (t) => {
  t.strictSame(plan(own.replace('--port:ort|tfjs', '--port:ort'), 'lite_infer').notes, [
    'f.txt: --port leaves out tfjs, which suite segnext/lite-infer requires',
  ]);
});

t.test("TIPC's other modes are known and not run yet", async (t) => {
  t.throws(() => plan(own, 'lite_train_lite_infer'), {
    name: 'EnvironmentError',
    message:
      'Cannot run mode lite_train_lite_infer of segnext: it trains for a few iterations and infers on a few pictures, which this version of tipcheck does not do yet; full_eval or lite_infer or lite_train is what it runs',
  });
});

t.test('a mode that no one knows is refused with the nearest', async (t) => {
  t.throws(() => plan(own, 'lite_infr'), {
    name: 'UserError',
    message: /^Cannot run mode lite_infr: it is not a mode; .* Did you mean lite_infer\?$/,
  });
});

t.test('a model without suites is refused', async (t) => {
  t.throws(() => plan(own.replace('model_name:segnext', 'model_name:segnxt'), 'lite_infer'), {
    name: 'UserError',
    message:
      'Cannot test f.txt: its model_name is segnxt; a model with suites is wanted: hamburger, lpsnet, segnext, van. Did you mean segnext?',
  });
});

t.test('a pattern that matches nothing is refused, and so is an empty choice', async (t) => {
  t.throws(() => selectBundles(['segnext-t', 'lpsnet-*'], shipped, 'a/b'), {
    name: 'UserError',
    message:
      'Cannot choose the bundles of suite a/b: none of the 6 shipped bundles matches lpsnet-*; at least one is wanted. Fix: npx tipcheck list',
  });
  t.throws(() => selectBundles(['segnext-t', '!*'], shipped, 'a/b'), {
    message: 'Cannot choose the bundles of suite a/b: its patterns leave none; at least one is wanted',
  });
  t.strictSame(selectBundles(['segnext.t', 'segnext-t'].slice(1), shipped, 'a/b'), ['segnext-t']);
  t.throws(() => selectBundles(['segnext.t'], shipped, 'a/b'), { name: 'UserError' }, 'a dot is a dot');
});

t.test(
  'a file of another form is known and not run, which is not a bad input; a mode of another form is',
  async (t) => {
    const cpp = [
      '# cpp',
      'model_name toy',
      'use_gpu 0',
      'a 0',
      'b 0',
      'c 0',
      'use_mkldnn 1',
      'use_tensorrt 0',
      'use_fp16 0',
    ];
    t.throws(() => plan(cpp.join('\n'), 'cpp_infer'), {
      name: 'EnvironmentError',
      message:
        'Cannot run mode cpp_infer of f.txt: tipcheck explains files of the form cpp and does not run them; a file of the form train_infer is wanted. Fix: npx tipcheck explain f.txt cpp_infer',
    });
    t.throws(() => plan(cpp.join('\n'), 'serving_infer'), {
      name: 'UserError',
      message:
        /the file is of the form cpp, which TIPC runs in cpp_infer; one of these is wanted, or a file of the form serving_python or serving_cpp$/,
    });
    t.throws(() => plan(cpp.join('\n'), 'lite_infer'), {
      name: 'UserError',
      message:
        'Cannot run mode lite_infer of f.txt: it is of the form cpp, which has no suites; a file of the form train_infer is wanted',
    });
  },
);
