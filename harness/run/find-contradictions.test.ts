import t from 'tap';
import { makeCase, makeMeasurement, makeResult, worseBaseline } from '../reporters/result-for-tests.js';
import type { CaseResult, ModeResult, Result } from '../result.js';
import { findContradictions } from './find-contradictions.js';

const good = makeCase();
const metrics = {
  mIoU: 0.5,
  classIou: [0.5, 0.5],
  confusion: [
    [5, 5],
    [0, 5],
  ],
};

t.test('a result that says what was measured has no contradiction', async (t) => {
  t.strictSame(findContradictions(makeResult([good, makeCase({ port: 'tfjs' })])), []);
  t.strictSame(findContradictions(makeResult([makeEvaluated({})])), []);
  t.strictSame(findContradictions(makeResult([good, makeCase({ id: 'ort/segnext-t#2' })])), [], 'one bundle, twice');
});

t.test('every way in which a verdict does not follow from the figures is named', async (t) => {
  const over = makeMeasurement('norm', { noiseRatio: 4.5 });
  const unjudged = makeMeasurement('norm', { noiseRatio: null });
  const failing = makeMeasurement('norm', { verdict: 'fail', noiseRatio: 40 });
  const cases: readonly (readonly [Result, RegExp])[] = [
    [makeResult([]), /^the verdict is pass; of its cases it is fail$/],
    [
      makeResult([makeCase({ verdict: 'fail' })], { verdict: 'pass' }),
      /^the verdict is pass; of its cases it is fail$/,
    ],
    [makeResult([good, good]), /^ort\/segnext-t is there 2 times; once is wanted$/],
    [of({ id: 'ort/segnext-t#x' }), /which is another case$/],
    [of({ id: 'ort/other' }), /^ort\/other: it is of port ort and bundle segnext-t, which is another case$/],
    [
      of({ measurements: [over] }),
      /^ort\/segnext-t: norm passes with 4\.5 and .+ times the noise; at most 4 and 8 are allowed$/,
    ],
    [of({ measurements: [unjudged] }), /norm passes with no and /],
    [
      of({ measurements: [makeMeasurement('norm', { compared: 0 }), good.measurements[0]!] }),
      /norm passes, and nothing of it was compared$/,
    ],
    [of({ measurements: [failing] }), /it passes, and norm does not$/],
    [of({ measurements: [good.measurements[0]!, good.measurements[0]!] }), /backbone\.norm1 is there twice$/],
    [of({ measurements: [] }), /it passes, and nothing was compared$/],
    [of({ engine: null }), /it passes, and nothing says which engine ran$/],
    [of({ reason: 'it crashed' }), /it passes, with the reason it crashed$/],
    [
      of({ shipped: { logits: makeMeasurement('logits', { maxRatio: 9 }), agreement: 0 } }),
      /logits passes with .+ and 9 times/,
    ],
  ];
  for (const [result, sentence] of cases) {
    const found = findContradictions(result);
    t.equal(found.length, 1, found.join('\n'));
    t.match(found[0], sentence);
  }
});

t.test('an evaluation is counted again from its confusion matrices', async (t) => {
  for (const [mode, sentence] of [
    [{ unexplained: 1, changed: 1 }, /mode single, it passes with 1 unexplained pixels$/],
    [{ changed: 2, unexplained: 3 }, /mode single, 3 unexplained of 2 changed of 20 pixels$/],
    [{ equivalence: { verdict: 'different', interval: null, bound: 1 } }, /it passes, and the mIoUs are different$/],
    [{ verdict: 'fail' }, /it passes, and mode single does not$/],
    [
      { actual: { ...metrics, classIou: [0.6, 0.5] } },
      /actual IoU of class 0 is 0\.6; of its confusion matrix it is 0\.5$/,
    ],
    [
      {
        expected: {
          mIoU: 0.5,
          classIou: [1, 1],
          confusion: [
            [5, 0],
            [0, 15],
          ],
        },
      },
      /mode single, actual and expected count other labels$/,
    ],
  ] as readonly (readonly [Partial<ModeResult>, RegExp])[]) {
    const found = findContradictions(makeResult([makeEvaluated(mode)]));
    t.ok(
      found.some((text) => sentence.test(text)),
      found.join('\n'),
    );
  }
});

function of(changes: Partial<CaseResult>): Result {
  return makeResult([makeCase(changes)]);
}

function makeEvaluated(changes: Partial<ModeResult>): CaseResult {
  const mode: ModeResult = {
    name: 'single',
    verdict: 'pass',
    reason: null,
    pixels: 20,
    changed: 0,
    unexplained: 0,
    maxLogitError: 1e-6,
    actual: metrics,
    expected: metrics,
    presentClasses: 2,
    equivalence: { verdict: 'equivalent', interval: [0, 0], bound: 0.0005 },
    durationMs: 1,
    ...changes,
  };
  const evaluation = { classNames: ['a', 'b'], images: 1, modes: [mode], pictures: [] };
  return makeCase({ phase: 'eval', measurements: [], shipped: null, evaluation });
}

t.test('what a run is beside its baseline counts in its verdict, and follows from what was found', async (t) => {
  const baseline = worseBaseline();
  const agreeing = worseBaseline({ verdict: 'pass', findings: [] });
  t.strictSame(findContradictions(makeResult([good], { verdict: 'fail', baseline })), []);
  t.strictSame(findContradictions(makeResult([good], { baseline: agreeing })), []);
  t.strictSame(findContradictions(makeResult([good], { baseline })), ['the verdict is pass; of its cases it is fail']);
  t.match(findContradictions(makeResult([good], { baseline: { ...baseline, verdict: 'pass' } })), [
    'beside its baseline it is pass; of the findings it is fail',
  ]);
  t.match(findContradictions(makeResult([good], { baseline: { ...agreeing, compared: 0 } })), [
    'it passes beside its baseline, and nothing was compared',
  ]);
});
