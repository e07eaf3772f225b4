import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { type BrowserPage, findChromium, openBrowser } from '../page/browser-for-tests.js';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeResult,
  manyFaultsCase,
  missingCase,
  nastyName,
} from '../result-for-tests.js';
import { renderHtml } from './html.js';

t.setTimeout(120_000);

const tfjs = { port: 'tfjs', id: 'tfjs/segnext-t' };

t.test('without a script the page has the verdict, the first fault, a chart and every figure', async (t) => {
  const text = renderHtml(makeResult([makeCase(), faultyCase(tfjs)])).replace(/<script>.*?<\/script>/s, '');
  t.match(text, '<p class="verdict fail">Fail</p>\n<h1>tfjs/segnext-t does not agree.</h1>');
  t.match(text, '1× = the rounding error that Paddle itself makes here in float32.');
  t.match(text, '<code>decode_head.align</code>');
  t.match(
    text,
    'On its own, error is 412 × the noise; at most 4 × is wanted. Worst at [0, 3, 4, 5]: 1.25, and 1.2500001 is wanted.',
  );
  t.match(text, '57 of 3072 pixels changed class; 120 can at this error');
  t.match(
    text,
    /role="img" aria-label="Error of each layer of segnext-t as a multiple of the noise\. ort: pass, worst 1\.3× accumulated, 2\.1× own\. tfjs: fail, first fault decode_head\.align, worst 380× accumulated, 412× own\."/,
  );
  t.match(text, '>tfjs: decode_head.align, 412× own</text>');
  t.match(text, '<td class=w>380<td class=f>✕ 412<td>1.4', 'faulty');
  t.match(text, '<td class=i>↳ 95<td>2.1<td>1.4', 'inherits');
  t.match(text, /onnxruntime-node 1\.26\.0<td>cpu<td>CPUExecutionProvider<td>not applicable/);
  t.match(text, '0123456789abcdef'.repeat(4), 'the hash of the goldens');
});

t.test('missing, NaN, crashed, not run and nothing at all have their words', async (t) => {
  const text = renderHtml(makeResult([missingCase(), errorCase({ ...tfjs, verdict: 'not-run', reason: 'no GPU' })]));
  t.match(text, '<td class=f>✕ missing');
  t.match(text, '<td class=s>? not finite<td>–<td>–');
  t.match(text, 'ort: decode_head.align, missing</text>');
  t.match(text, '<span class="tag not-run">not-run</span>');
  t.match(text, 'no GPU');
  const measurements = [makeMeasurement('a', { verdict: 'uninformative' }), makeMeasurement('b')];
  t.match(renderHtml(makeResult([makeCase({ measurements })])), '<td class=u>(1.3)');
  t.match(renderHtml(makeResult([makeCase()], { partial: true })), 'only some of the probes were asked for');
  t.match(
    renderHtml(makeResult([], { verdict: 'fail', summary: 'Nothing was compared.' })),
    '<h1>Nothing was compared.</h1>',
  );
});

t.test('every layer at fault is named, at most ten of them, then a count', async (t) => {
  t.match(
    renderHtml(makeResult([manyFaultsCase(3)])),
    /<p>On their own at fault, too: fault1 \(31×\), fault2 \(32×\)\.<\/p>/,
  );
  t.match(renderHtml(makeResult([manyFaultsCase(12)])), /, fault9 \(39×\) and 2 more\./);
  t.notMatch(renderHtml(makeResult([faultyCase()])), 'On their own');
});

t.test('no name becomes markup, and nothing is fetched', async (t) => {
  const measurements = [makeMeasurement(nastyName, { verdict: 'fail', reason: nastyName })];
  const nasty = faultyCase({
    port: nastyName,
    bundle: nastyName,
    model: nastyName,
    firstFault: nastyName,
    reason: nastyName,
    measurements,
  });
  const text = renderHtml(makeResult([nasty], { summary: nastyName, suite: nastyName, command: [nastyName] }));
  t.notMatch(text, '<b>&"');
  t.equal(text.match(/<\/script>/g)?.length, 1);
  t.notMatch(text, /(?![\t\n])\p{Cc}/u);
  t.notMatch(text.replace(/http:\/\/www\.w3\.org\/2000\/svg/g, ''), /https?:|src=|@import|url\(/);
});

t.test('ten bundles on three ports with 250 probes each stay below 2 MB', async (t) => {
  const stem = 'backbone.block3.1.attn.spatial_gating_unit.dwconvs.1.conv2_2';
  const measurements = Array.from({ length: 250 }, (_, i) =>
    makeMeasurement(`${stem}.${i}`, { noiseRatio: 0.7 + (i % 17) / 20, relRms: 4e-7 * (0.7 + (i % 17) / 20) }),
  );
  const cases = Array.from({ length: 10 }, (_, i) => `segnext_mscan_t-infer-64x128-s${i}`).flatMap((bundle) =>
    ['ort', 'tfjs', 'tfjs-wasm'].map((port) => makeCase({ port, bundle, measurements })),
  );
  const size = Buffer.byteLength(renderHtml(makeResult(cases)));
  t.ok(size < 2_000_000, `${size} bytes`);
  t.ok(size > 400_000, 'every probe is in it');
});

const chromium = findChromium();
if (chromium === null) {
  t.comment(
    'not run: no chromium, so the page was not opened in a browser. Fix: apt-get install chromium, or CHROMIUM=path',
  );
} else {
  t.test('in a browser', async (t) => testInBrowser(t, await openBrowser(chromium)));
}

async function testInBrowser(t: Test, page: BrowserPage): Promise<void> {
  t.teardown(() => page.close());
  const second = makeCase({ bundle: 'segnext-s', measurements: [makeMeasurement('zeta', { noiseRatio: 2 })] });
  const html = renderHtml(makeResult([makeCase(), faultyCase(tfjs), second]));
  const path = join(t.testdir(), 'report.html');
  await writeFile(path, html);
  const url = pathToFileURL(path).href;
  const names = () =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('.all tbody tr')].filter((row) => !row.hidden).map((row) => row.cells[0].textContent)`,
    );
  const inOrder = ['backbone.norm1', 'decode_head.align', 'logits', 'zeta'];

  await t.test('it opens without an error and fits its window, wide and narrow, light and dark', async (t) => {
    for (const width of [480, 1280]) {
      await page.send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await page.open(url);
      t.ok(
        await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
        `${width} px`,
      );
    }
    const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await paper();
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
    t.not(await paper(), light);
    t.same(await page.evaluate('performance.getEntriesByType("resource").length'), 0, 'nothing is fetched');
  });

  await t.test('a click on a heading sorts, a second one turns it round, a third gives the order back', async (t) => {
    await page.open(url);
    const click = `document.querySelectorAll('.all button')[8].click()`;
    const state = `[...document.querySelectorAll('.all th')].map((head) => head.getAttribute('aria-sort')).filter(Boolean).join()`;
    await page.evaluate(click);
    t.same(
      await names(),
      ['decode_head.align', 'logits', 'backbone.norm1', 'zeta'],
      'by the accumulated error of tfjs',
    );
    t.equal(await page.evaluate(state), 'descending');
    await page.evaluate(click);
    t.same(await names(), ['backbone.norm1', 'logits', 'decode_head.align', 'zeta']);
    t.equal(await page.evaluate(state), 'ascending');
    await page.evaluate(click);
    t.same(await names(), inOrder);
    t.equal(await page.evaluate(state), '');
  });

  await t.test(
    'searching and choosing what fails leave the rows that match, and the address remembers it',
    async (t) => {
      await page.open(url);
      await page.evaluate(
        `const box = document.querySelector('.toolbar input'); box.value = 'SEGNEXT-T o'; box.dispatchEvent(new Event('input'))`,
      );
      t.same(await names(), ['backbone.norm1', 'decode_head.align', 'logits']);
      await page.evaluate(
        `const list = document.querySelector('.toolbar select'); list.value = 'f'; list.dispatchEvent(new Event('input'))`,
      );
      t.same(await names(), ['decode_head.align']);
      t.equal(await page.evaluate(`document.querySelector('.toolbar output').textContent`), '1 of 4 rows');
      t.equal(await page.evaluate('location.hash'), '#q=SEGNEXT-T+o&kind=f');
    },
  );

  await t.test('an address opens the view that it was copied from', async (t) => {
    await page.open('about:blank');
    await page.open(`${url}#kind=fsi&sort=8`);
    t.same(await names(), ['logits', 'decode_head.align']);
    t.equal(await page.evaluate(`document.querySelector('.toolbar select').value`), 'fsi');
  });

  await t.test('the keyboard and the pointer choose a layer of a chart, and Enter goes to its row', async (t) => {
    await page.open('about:blank');
    await page.open(url);
    const readout = () => page.evaluate<string>(`document.querySelector('.readout').textContent`);
    const press = (key: string) =>
      page.evaluate(`document.querySelector('.plot').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' }))`);
    t.match(await readout(), 'Point at a layer');
    await press('ArrowRight');
    await press('ArrowRight');
    t.equal(
      await readout(),
      'decode_head.align  1×32×12×16  1× is 3.0e-7 ort 1.3 accumulated, 2.1 own, 1.4 largest tfjs 380 accumulated, ✕ 412 own, 1.4 largest',
    );
    t.equal(await page.evaluate(`document.querySelector('.plot').getAttribute('aria-valuetext')`), await readout());
    await press('Enter');
    t.equal(await page.evaluate('document.activeElement.cells[0].textContent'), 'decode_head.align');
    const { x, y } = await page.evaluate<{ x: number; y: number }>(
      `(() => { scrollTo(0, 0); const box = document.querySelector('.plot svg').getBoundingClientRect(); scrollTo(0, box.top); return { x: box.right - 80, y: 60 }; })()`,
    );
    await page.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
    t.match(await readout(), /^logits /);
  });

  await t.test('text stands out from its ground, light and dark', async (t) => {
    for (const value of ['light', 'dark']) {
      await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
      await page.open(url);
      const worst = await page.evaluate<{ ratio: number; where: string }>(`(${worstContrast.toString()})()`);
      t.ok(worst.ratio >= 4.5, `${value}: ${worst.ratio.toFixed(2)} at ${worst.where} (WCAG AA wants 4.5)`);
    }
  });
}

/** Runs in the page: the text with the least contrast (WCAG 2, relative luminance) against the page's ground. */
function worstContrast(): { ratio: number; where: string } {
  const luminance = (colour: string) => {
    const [r, g, b] = colour
      .match(/[\d.]+/g)!
      .slice(0, 3)
      .map((part) => {
        const value = Number(part) / 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const ground = luminance(getComputedStyle(document.documentElement).backgroundColor);
  let worst = { ratio: Number.POSITIVE_INFINITY, where: '' };
  for (const element of document.querySelectorAll('main *, header *')) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== '');
    if (!says) continue;
    const style = getComputedStyle(element);
    const ink = luminance(element instanceof SVGElement ? style.fill : style.color);
    const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, where: `${element.tagName}.${element.getAttribute('class')}` };
  }
  return worst;
}
