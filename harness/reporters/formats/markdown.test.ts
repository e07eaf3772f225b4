import t from 'tap';
import { codeSpan, escapeMarkdown } from '../markdown-text.js';
import { errorCase, faultyCase, makeCase, makeMeasurement, makeResult, nastyName } from '../result-for-tests.js';
import { renderMarkdown } from './markdown.js';

t.test(
  'a failing case comes first, with its first fault, what to do, and its layers, the faulty one first',
  async (t) => {
    const inherits = makeMeasurement('early', { verdict: 'fail', reason: 'r', noiseRatio: 9 });
    const faulty = faultyCase();
    const cases = [makeCase({ port: 'tfjs' }), { ...faulty, measurements: [inherits, ...faulty.measurements] }];
    const text = renderMarkdown(makeResult(cases, { partial: true }));
    t.match(text, /^# tipcheck: fail\n\nort\/segnext-t does not agree\. Only some of the probes were asked for/);
    t.match(text, '1× = the rounding error that Paddle itself makes here in float32.');
    t.match(
      text,
      '**First fault: `decode_head.align`**, found by its own error: on its own, error is 412 × the noise; at most 4 × is wanted.',
    );
    t.match(text, 'worst at \\[0, 3, 4, 5\\]: 1.25, and 1.2500001 is wanted.');
    t.match(
      text,
      '1 faulty, 2 inherit, 1 agrees; 57 of 3072 pixels changed class; 120 can at this error; 1 changed that should not',
    );
    t.ok(text.indexOf('| faulty | `decode_head.align`') < text.indexOf('| inherits | `early`'));
    t.ok(text.indexOf('## fail: ort · segnext-t') < text.indexOf('## All cases'));
    t.match(
      text,
      '| pass | tfjs · segnext-t | 3 | 1.3× `backbone.norm1` | 2.1× `backbone.norm1` | 0 of 3072 | onnxruntime-node 1.26.0 on cpu, CPUExecutionProvider |',
    );
  },
);

t.test('a case that crashed says why', async (t) => {
  t.match(
    renderMarkdown(makeResult([errorCase()])),
    '## error: ort · segnext-t\n\nCannot run port ort: it was killed by SIGKILL\n',
  );
});

t.test('the text stays within its size, and says what it leaves out', async (t) => {
  const cases = Array.from({ length: 400 }, (_, i) => faultyCase({ bundle: `bundle-${i}` }));
  const text = renderMarkdown(makeResult(cases));
  t.ok(text.length <= 65_100, String(text.length));
  t.match(text, /\d+ more sections left out here for their size: see report\.html\.\n$/);
});

t.test('names cannot break out of tables, code or text', async (t) => {
  const measurements = [makeMeasurement(nastyName, { verdict: 'fail', reason: nastyName })];
  const text = renderMarkdown(
    makeResult([
      makeCase({ port: nastyName, verdict: 'fail', firstFault: nastyName, firstFaultBy: 'own', measurements }),
    ]),
  );
  const outsideCode = text.replace(/\\[\\`*_[\]|~#]/g, '').replace(/(`+)[^`].*?[^`]\1(?!`)/g, '');
  t.notMatch(outsideCode, /<b>|<\/script>/);
  for (const line of text.split('\n').filter((row) => row.startsWith('|'))) {
    t.ok([7, 8].includes(line.replaceAll('\\|', '').split('|').length - 1), line);
  }
  t.equal(codeSpan('a`b``c'), '```a`b``c```');
  t.equal(codeSpan('`a|b`'), '`` `a\\|b` ``');
  for (const [text, escaped] of [
    ['- a', '\\- a'],
    ['1. a', '1\\. a'],
    ['> a', '\\> a'],
    ['---', '\\---'],
    ['a - b 1.5', 'a - b 1.5'],
    ['$x$', '\\$x\\$'],
    ['::error::x', '\\\\u003a:error::x'],
  ] as const)
    t.equal(escapeMarkdown(text), escaped);
  t.equal(escapeMarkdown('*a* [b](c) <d> @e\n# f'), '\\*a\\* \\[b\\](c) &lt;d> &#64;e \\# f');
});
