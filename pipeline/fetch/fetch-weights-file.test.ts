import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import t, { type Test } from 'tap';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { renderSafetensors } from '../../harness/golden/safetensors.js';
import { readWeightsFile } from '../../harness/golden/weights-file.js';
import { fetchWeightsFile } from './fetch-weights-file.js';
import { serveBytes, serveForTests } from './server-for-tests.js';

const arrays = new Map([['w', { dtype: 'f4' as const, shape: [3], data: new Float32Array([1, 2, 3]) }]]);
const weights = renderPdparams(arrays);
const text = (content: string) => new TextEncoder().encode(content);

t.test('a .pdparams is taken as it is', async (t) => {
  const { path, archive } = await fetchOf(t, weights, 'model.pdparams');
  t.equal(archive, null);
  t.strictSame((await readWeightsFile(path)).get('w')?.data, arrays.get('w')!.data);
  t.ok(await fetchOf(t, renderSafetensors(arrays), 'model.safetensors'));
});

t.test('the one .pdparams of a zip is unpacked beside it, whatever its name in there', async (t) => {
  const zip = zipSync({
    'mscan_t/model.pdparams': weights,
    'mscan_t/readme.txt': text('hello'),
    '__MACOSX/mscan_t/._model.pdparams': text('x'),
  });
  const { path, archive, sha256 } = await fetchOf(t, zip, 'mscan_t.zip');
  t.equal(path, `${archive?.replace('.zip', '')}-${sha256.slice(0, 12)}.pdparams`);
  t.ok(readFileSync(path).equals(weights));
  t.strictSame(readdirSync(dirname(path)).length, 4, 'the zip, the weights, and their records');
});

t.test('unpacked weights that were damaged are unpacked again', async (t) => {
  const zip = zipSync({ 'model.pdparams': weights });
  const folder = t.testdir({});
  const first = await fetchOf(t, zip, 'm.zip', folder);
  writeFileSync(first.path, 'damaged');
  const server = await serveForTests(t);
  const again = await fetchWeightsFile(`${server.base}/m.zip`, { to: join(folder, 'm.zip') });
  t.match(again, { path: first.path, fromCache: true });
  t.ok(readFileSync(again.path).equals(weights));
});

t.test('a zip that would write elsewhere writes nowhere', async (t) => {
  const folder = t.testdir({ inner: {} });
  const evil = zipSync({ '../evil.pdparams': weights });
  await t.rejects(fetchOf(t, evil, 'm.zip', join(folder, 'inner')), { name: 'UserError', message: /relative path/ });
  t.strictSame(readdirSync(folder), ['inner']);
});

t.test('a zip must hold one .pdparams, whole', async (t) => {
  const two = zipSync({ 'a.pdparams': weights, 'b.pdparams': weights });
  const whole = zipSync({ 'a.pdparams': new Uint8Array(5000).map((_, index) => (index * index) % 251) }, { level: 0 });
  const flipped = whole.slice();
  flipped[2500]! ^= 0xff;
  for (const [zip, message] of [
    [zipSync({ 'a.txt': text('a') }), /sends: it holds no \.pdparams; a zip with one \.pdparams is wanted$/],
    [two, /sends: it holds a\.pdparams, b\.pdparams; a zip/],
    [whole.subarray(0, 2000), /sends: it is damaged \(.+\); a zip/],
    [flipped, /^Cannot unpack .+m\.zip: a\.pdparams in it is damaged; .+ Fix: delete it to fetch it again$/],
  ] as const) {
    await t.rejects(fetchOf(t, zip, 'm.zip'), { name: 'UserError', message });
  }
});

t.test('what is not weights does not take their place', async (t) => {
  const wanted = 'a paddle.save file, a .safetensors, a .npz, or a .zip with one .pdparams is wanted';
  for (const [content, is] of [
    [text('<!DOCTYPE html><p>Please log in'), 'it is a web page'],
    [text('  <html>'), 'it is a web page'],
    [text('version https://git-lfs.github.com/spec/v1\n'), 'it is a Git LFS pointer, not the file'],
    [new Uint8Array(0), 'it is empty'],
    [weights.subarray(0, weights.length - 5), 'it is a pickle without an end, cut off perhaps'],
    [text('404: not found'), 'it is neither a pickle nor a zip'],
  ] as const) {
    const folder = t.testdir({});
    const server = await serveForTests(t);
    server.answer(serveBytes(content));
    const to = join(folder, 'model.pdparams');
    await t.rejects(fetchWeightsFile(`${server.base}/model.pdparams`, { to }), {
      name: 'UserError',
      message: `Cannot use what ${server.base}/model.pdparams sends: ${is}; ${wanted}`,
    });
    t.notOk(existsSync(to));
  }
});

async function fetchOf(t: Test, content: Uint8Array, name: string, folder = t.testdir({})) {
  const server = await serveForTests(t);
  server.answer(serveBytes(content));
  return fetchWeightsFile(`${server.base}/${name}`, { to: join(folder, name) });
}
