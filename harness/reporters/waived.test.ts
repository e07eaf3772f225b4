import t from 'tap';
import { parseResult } from '../result/parse-result.js';
import type { CaseResult } from '../result/record/case-result.js';
import type { Result, WaiverUse } from '../result/record/result.js';
import type { Excuse } from '../result/record/verdict.js';
import { renderCaseLine, renderSummary } from './console.js';
import { renderHtml } from './formats/html.js';
import { renderJson } from './formats/json.js';
import { renderJunit } from './formats/junit.js';
import { renderMarkdown } from './formats/markdown.js';
import { renderTap } from './formats/tap.js';
import { renderJudgeJson } from './judge-json.js';
import { errorCase, faultyCase, makeCase, makeResult } from './result-for-tests.js';

const excuse: Excuse = {
  because: 'a known fault of the engine',
  link: 'https://example.org/7',
  until: '2026-12-31',
  inheritsFrom: null,
};
const use: WaiverUse = {
  port: 'ort',
  bundle: 'segnext-t',
  probe: 'decode_head.align',
  failure: 'disagrees',
  because: excuse.because,
  link: excuse.link,
  until: excuse.until,
  source: 'known.yaml',
  state: 'used',
  matched: 1,
  note: null,
};
const stale: WaiverUse = { ...use, probe: 'logits', state: 'stale', matched: 0, note: 'the waiver of logits is stale' };

function waivedCase(): CaseResult {
  const found = faultyCase();
  const [first, align, logits] = found.measurements;
  const inherited = { ...excuse, inheritsFrom: 'decode_head.align' };
  const measurements = [first!, { ...align!, waived: excuse }, { ...logits!, waived: inherited }];
  return { ...found, verdict: 'waived', measurements };
}

const waived: Result = makeResult([waivedCase()], { waivers: [use] });
const failed: Result = makeResult([waivedCase()], { verdict: 'fail', waivers: [use, stale] });

t.test('the result is stored and read back', async (t) => {
  const stored = parseResult(renderJson(waived));
  t.strictSame(stored, JSON.parse(JSON.stringify(waived)));
  for (const render of [renderTap, renderJunit, renderHtml, renderMarkdown]) t.equal(render(stored), render(waived));
});

t.test('the terminal says what is known of it, until when, and what became of a waiver', async (t) => {
  const line = renderCaseLine(waivedCase(), { colour: false });
  t.match(line, /^waived {2}ort · segnext-t {2}3 probes {2}2 waived, 1 agrees/);
  t.match(
    line,
    '1 failure, and 1 that inherits, waived until 2026-12-31: a known fault of the engine (https://example.org/7)',
  );
  t.match(renderSummary(waived, { colour: false }), /\nwaived {2}[\s\S]* 1 waived, /);
  t.match(renderSummary(failed, { colour: false }), 'stale  the waiver of logits is stale');
  t.match(
    renderCaseLine(errorCase({ verdict: 'waived', waived: excuse }), { colour: false }),
    /killed by SIGKILL\n.*the crash is waived until 2026-12-31/,
  );
});

t.test('JUnit skips it, and the run; TAP marks it as TODO; a stale waiver is red in both', async (t) => {
  const junit = renderJunit(waived);
  t.match(junit, /tests="5" failures="0" errors="0"/);
  t.match(junit, /name="decode_head.align" time="0"><skipped message="waived until 2026-12-31: a known fault/);
  t.match(junit, /name="the run as a whole" time="0"><skipped/);
  t.match(renderJunit(failed), /<failure type="disagreement" message="the waiver of logits is stale">/);
  const tap = renderTap(waived);
  t.match(tap, /not ok 2 - decode_head\.align # TODO waived until 2026-12-31/);
  t.match(tap, /\nnot ok 1 - ort\/segnext-t # TODO /);
  t.match(tap, /\nnot ok 3 - the run as a whole # TODO every failure is waived/);
  t.match(renderTap(failed), /\nnot ok 3 - waiver of ort on segnext-t, logits\n/);
  t.match(renderTap(failed), /\nnot ok 4 - the run as a whole\n/);
});

t.test('the page and the Markdown say it, after what is not known', async (t) => {
  const both = makeResult([waivedCase(), faultyCase({ port: 'tfjs', id: 'tfjs/segnext-t' })], {
    waivers: [use, stale],
  });
  const html = renderHtml(both);
  t.match(html, /<p class="waived">1 failure, and 1 that inherits, waived until 2026-12-31/);
  t.ok(html.indexOf('>fail</span> tfjs') < html.indexOf('>waived</span> ort'), 'what is known comes last');
  t.match(html, '<b>stale</b>: the waiver of logits is stale.');
  t.match(renderHtml(waived), '<p class="verdict waived">Waived</p>');
  const markdown = renderMarkdown(both);
  t.match(markdown, '- **stale**: the waiver of logits is stale.');
  t.ok(markdown.indexOf('## fail: tfjs') < markdown.indexOf('## waived: ort'));
});

t.test("the contract's JSON knows no waived: it fails there, with a key beside it", async (t) => {
  const [bundle] = JSON.parse(renderJudgeJson(waived)).bundles;
  t.match(JSON.parse(renderJudgeJson(waived)), { verdict: 'fail' });
  t.match(bundle, { verdict: 'fail', first_fault: 'decode_head.align' });
  t.match(bundle.probes[1], { verdict: 'fail', waived: { until: '2026-12-31', inherits_from: null } });
  t.match(bundle.probes[2], { verdict: 'fail', waived: { inherits_from: 'decode_head.align' } });
  t.notOk('waived' in bundle.probes[0]);
  const crashed = makeResult([errorCase({ verdict: 'waived', waived: excuse }), makeCase()], { verdict: 'waived' });
  t.match(JSON.parse(renderJudgeJson(crashed)), {
    verdict: 'error',
    bundles: [{ verdict: 'error' }, { verdict: 'pass' }],
  });
});
