import { join } from 'node:path';
import t, { type Test } from 'tap';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { type Behaviour, dropAfter, serveBytes, serveForTests, status } from '../../pipeline/fetch/server-for-tests.js';
import { tipcTextForTests } from '../text/text-for-tests.js';
import { prepareMode } from './prepare-mode.js';

const file = join(packageRoot, 'configs', 'tipc', 'segnext', 'train_infer_js.txt');
const street = join(packageRoot, 'fixtures', 'street');
const weights = renderPdparams(new Map([['w', { dtype: 'f4', shape: [30_000], data: new Float32Array(30_000) }]]));

t.test('whole_infer gets the released weights, over a bad line, and looks at the data', async (t) => {
  const { output, requests, again } = await run(
    t,
    'whole_infer',
    street,
    dropAfter(weights, 50_000),
    serveBytes(weights),
  );
  t.equal(requests(), 5, 'four files, and one try more');
  const lines = output.split('\n');
  for (const [at, size] of ['t', 's', 'b', 'l'].entries())
    t.match(
      lines[at],
      new RegExp(`^segnext-${size}: .+/segnext_mscan_${size}_cityscapes.+/model\\.pdparams, sha256 [0-9a-f]{64}$`),
    );
  t.equal(lines[4], 'Cityscapes val: 8 images');
  t.match(await again(), /^segnext-t: .+, was there\n/);
  t.equal(requests(), 5);
});

t.test('without Cityscapes the error says where it is got and how it is given', async (t) => {
  await t.rejects(run(t, 'whole_infer', join(street, 'none'), serveBytes(weights)), {
    name: 'UserError',
    message:
      /there is no folder .+none.+ Fix: get it from https:\/\/www\.cityscapes-dataset\.com, .+ give --data <folder>$/,
  });
});

t.test('without the weights the error says what to put where', async (t) => {
  await t.rejects(run(t, 'whole_infer', street, status(404)), {
    name: 'UserError',
    message:
      /there is no such file \(404\); .+ Fix: download it elsewhere and put it at .+, or --mirror <address> of a copy$/,
  });
});

t.test('what is shipped needs nothing, and what does not run is said', async (t) => {
  const { output, requests } = await run(t, 'lite-infer', street, status(500));
  t.equal(output, 'lite_infer: its goldens are part of tipcheck; nothing is fetched\n');
  t.equal(requests(), 0);
  await t.rejects(run(t, 'js_infer', street, status(500)), { name: 'EnvironmentError', message: /whole_infer/ });
  await t.rejects(run(t, 'serving_infer', street, status(500)), {
    name: 'UserError',
    message: /the file is of the form train_infer, .+, or a file of the form serving_python or serving_cpp$/,
  });
  await t.rejects(run(t, 'whole', street, status(500)), { name: 'UserError', message: /it is not a mode/ });
});

t.test('--pretrained is refused where nothing trains', async (t) => {
  for (const mode of ['whole_infer', 'lite_infer'])
    await t.rejects(prepareMode(file, mode, { pretrained: 'none' }), {
      name: 'UserError',
      message: `Cannot use --pretrained with ${mode} of ${file}: it trains nothing; a mode that trains is wanted`,
    });
});

t.test("ranks of the user's own PaddleSeg need no Open MPI", async (t) => {
  for (const [port, isSaid] of [
    ['ort', true],
    ['paddleseg', false],
  ] as const) {
    const written: string[] = [];
    const capture = t.capture(process.stdout, 'write', (text: string) => written.push(text) > 0);
    const folder = t.testdir({
      'own.txt': `${tipcTextForTests({ gpu_list: '0|0,1' })}\n===========port_params===========\n--port:${port}\n`,
    });
    await prepareMode(join(folder, 'own.txt'), 'lite_train_lite_infer', {}).catch(() => null);
    capture.restore();
    t.equal(written.join('').includes('a row is of 2 ranks'), isSaid, port);
  }
});

async function run(t: Test, mode: string, data: string, ...behaviours: Behaviour[]) {
  const server = await serveForTests(t);
  server.answer(...behaviours);
  const options = { data, mirror: server.base, cache: t.testdir({}) };
  const prepare = async () => {
    const written: string[] = [];
    const capture = t.capture(process.stdout, 'write', (text: string) => written.push(text) > 0);
    try {
      await prepareMode(file, mode, options);
    } finally {
      capture.restore();
    }
    return written.join('');
  };
  return { output: await prepare(), again: prepare, requests: () => server.requests.length };
}
