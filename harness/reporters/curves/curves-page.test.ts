import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findChromium, openBrowser } from '../page/browser-for-tests.js';
import { renderCurvesPage } from './curves-page.js';
import { smoothCurve } from './smooth.js';
import { renderTick, roundTicks } from './ticks.js';
import type { CurvePoint, TrainingCurves } from './training-curves.js';

const curve = (count: number, value: (at: number) => number): CurvePoint[] =>
  Array.from({ length: count }, (_, at) => [100 * (at + 1), value(at)]);
const paddle: TrainingCurves = {
  name: 'paddle/train.log',
  loss: curve(300, (at) => 0.3 + Math.exp(-at / 50) + (at % 2) / 10),
  lr: curve(300, (at) => 6e-4 * (1 - at / 300)),
  mIoU: curve(3, (at) => 0.5 + at / 10),
};
const ours: TrainingCurves = {
  name: '<ours> & "more"',
  loss: curve(150, (at) => (at === 70 ? Number.NaN : paddle.loss[at]![1] + 0.01)),
  lr: curve(150, (at) => 6e-4 * (1 - at / 300)),
  mIoU: curve(2, (at) => 0.51 + at / 10),
};

t.test('trainings lie over one another, each with a line of its own', async (t) => {
  const page = renderCurvesPage([paddle, ours]);
  t.match(page, /<h1>2 trainings over one another<\/h1>/);
  for (const title of ['Loss', 'Learning rate', 'mIoU']) t.match(page, `<h2>${title}</h2>`);
  t.match(page, '&lt;ours&gt; &amp; &quot;more&quot;');
  t.notMatch(page, '<ours>', 'nothing of a log goes in unescaped');
  t.match(
    page,
    /paddle\/train\.log<td class="n">30000<td class="n">0\.4\d+<td class="n">0\.7000<td class="n">0\.7000 at 300/,
  );
  t.match(page, /<td class="n">NaN<td class="n">1\.0e-2\n/, 'a loss that is NaN somewhere is at no distance');
  t.equal(page.match(/class="cross p1 d0"/g)?.length, 1, 'and has a cross');
  t.equal(page.match(/class="curve fine/g)?.length, 2, 'the loss alone gets a running mean');
  t.equal(page.match(/class="curve dots/g)?.length, 2, 'evaluations are marked');
  t.notMatch(page, /NaN \d|\d NaN|undefined|Infinity/, 'no path goes nowhere');
});

t.test('what the weights were at the start is repeated, where a log says it', async (t) => {
  const page = renderCurvesPage([
    { ...paddle, weights: null },
    { ...ours, weights: 'all <519> tensors' },
  ]);
  t.match(page, '&lt;ours&gt; &amp; &quot;more&quot;<br><small>Weights: all &lt;519&gt; tensors</small>');
  t.equal(page.match(/<small>Weights/g)?.length, 1);
});

t.test('one log is a page, and what it lacks is said', async (t) => {
  const page = renderCurvesPage([{ ...paddle, mIoU: [] }]);
  t.match(page, '<h1>paddle/train.log</h1>');
  t.match(page, '<h2>mIoU</h2><p class="note">None of the logs has it.</p>');
  t.notMatch(page, '|Δ|');
});

t.test('the page fits a narrow window, and asks the network for nothing', async (t) => {
  const chromium = findChromium();
  if (chromium === null) return void t.comment('not run: no chromium. Fix: apt-get install chromium, or CHROMIUM=path');
  const path = join(t.testdir({}), 'curves.html');
  writeFileSync(path, renderCurvesPage([paddle, ours, { ...ours, name: 'long '.repeat(40) }]));
  for (const width of [1280, 420]) {
    const browser = await openBrowser(chromium, width);
    await browser.open(`file://${path}`);
    t.ok((await browser.evaluate<number>('document.documentElement.scrollWidth')) <= width, `${width} wide`);
    t.equal(await browser.evaluate('performance.getEntriesByType("resource").length'), 0);
    t.equal(await browser.evaluate('document.querySelectorAll("svg[role=img]").length'), 3);
    await browser.close();
  }
});

t.test('a running mean follows a line to its ends, and leaves what is not finite alone', async (t) => {
  t.equal(smoothCurve(curve(99, () => 1)), null);
  const straight = curve(400, (at) => at);
  for (const [at, [, value]] of smoothCurve(straight)!.entries()) t.ok(Math.abs(value - at) < 1e-9);
  const broken = smoothCurve(curve(400, (at) => (at === 200 ? Number.NaN : 1)))!;
  t.strictSame(
    broken.filter(([, value]) => value !== 1),
    [[20_100, Number.NaN]],
  );
});

t.test('ticks are round numbers around the span', async (t) => {
  t.strictSame(roundTicks(0, 2.4, 5), [0, 0.5, 1, 1.5, 2, 2.5]);
  t.strictSame(roundTicks(0.583, 0.81, 5), [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85]);
  t.strictSame(roundTicks(0, 6e-4, 5), [0, 0.0002, 0.0004, 0.0006]);
  for (const value of [0, 1, -3, 1e-9]) {
    const ticks = roundTicks(value, value, 5);
    t.ok(ticks.length >= 2 && ticks[0]! <= value && ticks.at(-1)! >= value, `${value}: ${ticks.join(' ')}`);
  }
  t.strictSame([0, 160_000, 0.0006, 0.55, 1500].map(renderTick), ['0', '160k', '6e−4', '0.55', '1500']);
});
