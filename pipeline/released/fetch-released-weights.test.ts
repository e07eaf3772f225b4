import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { publishedModes } from '../../models/released-model.js';
import type { FetchProgress } from '../fetch/fetch-progress.js';
import { dropAfter, serveBytes, serveForTests, status } from '../fetch/server-for-tests.js';
import { modelSection, readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { fetchReleasedWeights, releasedFor, releasedModels, selectReleased } from './fetch-released-weights.js';

const weights = renderPdparams(new Map([['w', { dtype: 'f4', shape: [30_000], data: new Float32Array(30_000) }]]));
const quick = { stallMs: 2000, backoffMs: () => 1 };

t.test('seven models are released, each with its yml, which is of its network, and three figures', async (t) => {
  t.strictSame(
    releasedModels.map(({ name }) => name),
    ['lpsnet-s', 'lpsnet-m', 'lpsnet-l', 'segnext-t', 'segnext-s', 'segnext-b', 'segnext-l'],
  );
  for (const released of releasedModels) {
    const { config, published, weights: address } = released;
    const path = join(packageRoot, config);
    t.ok(existsSync(path), config);
    t.strictSame(releasedFor(modelSection(await readPaddleSegConfig(path))), [released]);
    t.match(address, `/${basename(config, '.yml')}/model.pdparams`);
    for (const mode of publishedModes) t.ok(published[mode] > 71 && published[mode] < 84);
    t.ok(published.ss < published.flip && published.flip < published['ms+flip']);
  }
});

t.test('no weights are released of another network', async (t) => {
  const section = { type: 'LPSNet', depths: [1, 3, 3, 10, 10], channels: [8, 24, 48, 96, 96], scale_ratios: [1, 0.5] };
  t.strictSame(releasedFor(section), []);
  t.strictSame(releasedFor({ type: 'SegNeXt', backbone: { type: 'MSCAN' } }), []);
});

t.test('all are fetched from a mirror to the places of the originals, once', async (t) => {
  const server = await serveForTests(t);
  server.answer(dropAfter(weights, 50_000), status(503, { 'retry-after': '0' }), serveBytes(weights));
  const cache = t.testdir({});
  const progress: FetchProgress[] = [];
  const options = {
    ...quick,
    cache,
    mirror: `${server.base}/`,
    onProgress: (event: FetchProgress) => progress.push(event),
  };
  const all = await fetchReleasedWeights(releasedModels, options);
  t.equal(server.requests.length, 9, 'seven files, two tries more for the first');
  t.equal(server.requests[2]!.headers.range, 'bytes=50000-', 'which was resumed');
  const folder = 'paddleseg.bj.bcebos.com/dygraph/cityscapes/lpsnet_s_cityscapes_1536x1024_200k';
  t.equal(all[0]!.fetched.path, join(cache, folder, 'model.pdparams'));
  t.strictSame(readdirSync(join(cache, folder)).sort(), ['model.pdparams', 'model.pdparams.sha256']);
  t.ok(progress.some(({ kind }) => kind === 'bytes'));
  const again = await fetchReleasedWeights(releasedModels, options);
  t.ok(again.every(({ fetched }) => fetched.fromCache));
  t.equal(server.requests.length, 9);
});

t.test('where one cannot be had, the error says what to put where', async (t) => {
  const server = await serveForTests(t);
  server.answer(serveBytes(weights), status(404));
  const cache = t.testdir({});
  const [, small] = releasedModels;
  await t.rejects(fetchReleasedWeights(releasedModels, { ...quick, cache, mirror: server.base }), {
    name: 'UserError',
    message: `Cannot fetch ${server.base}${new URL(small!.weights).pathname}: there is no such file (404); the file is wanted. Fix: download it elsewhere and put it at ${join(cache, small!.weights.slice('https://'.length))}`,
  });
});

t.test('models are selected by name or backbone', async (t) => {
  const names = (given: string[]) => selectReleased(given).map(({ name }) => name);
  t.equal(names([]).length, 7);
  t.strictSame(names(['MSCAN_L', 'segnext-t', 'mscan_t']), ['segnext-t', 'segnext-l']);
  t.throws(() => names(['segnext-x']), {
    name: 'UserError',
    message:
      /^Cannot find released weights segnext-x: there are lpsnet-s, lpsnet-m, lpsnet-l, segnext-t, segnext-s, segnext-b, segnext-l; one of them is wanted\. Did you mean segnext-.\?$/,
  });
  await t.rejects(fetchReleasedWeights(releasedModels, { mirror: 'here' }), {
    message: 'Cannot use the mirror here: it is not an address; https://… is wanted',
  });
});
