import t from 'tap';
import { kindNamed } from '../kinds/index.js';
import { limitsOf } from '../metrics/agreement.js';
import { makeCase, makeMeasurement, makeOwn, makeResult, worseBaseline } from '../reporters/result-for-tests.js';
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
    [
      of({ phase: 'train', measurements: [makeMeasurement('lr/0', { noiseRatio: 0, maxRatio: 0 })] }),
      /it passes, and nothing was compared$/,
    ],
    [
      of({ measurements: [makeMeasurement('norm', { verdict: 'uninformative' })] }),
      /it passes, and nothing was compared$/,
    ],
    [
      of({
        measurements: [good.measurements[0]!, makeMeasurement('norm', { verdict: 'uninformative', noiseRatio: 65 })],
      }),
      /norm is uninformative with 65 and .+; at most 64 and 64 are allowed$/,
    ],
    [
      of({ measurements: [makeMeasurement('norm', { own: makeOwn({ noiseRatio: 4.5 }) })] }),
      /norm passes on its own with 4\.5 and 1\.9 times the noise; at most 4 and 8 are allowed$/,
    ],
    [
      of({ measurements: [makeMeasurement('norm', { own: makeOwn({ maxRatio: null }) })] }),
      /norm passes on its own with 2\.1 and no /,
    ],
    [
      of({ limits: { noiseRatio: 400, maxRatio: 8, because: 'x' } }),
      /its limits are 400 and 8 times the noise; the contract allows 4 and 8$/,
    ],
    [
      of({ shipped: { logits: makeMeasurement('logits', { verdict: 'fail', noiseRatio: 40 }), agreement: 0 } }),
      /it passes, and the logits of the graph without probes do not$/,
    ],
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

t.test('a training holds each kind of row to its own limits', async (t) => {
  const training = (name: string, noiseRatio: number | null, limits = trainingLimits) => {
    const row = makeMeasurement(name, { noiseRatio, own: null });
    // Of rates alone no training passes.
    const loss = makeMeasurement('loss/1', { noiseRatio: 1, maxRatio: 1, own: null });
    return findContradictions(of({ phase: 'train', shipped: null, measurements: [row, loss], limits }));
  };
  const trainingLimits = limitsOf(kindNamed('gradient'));
  const strict = { ...trainingLimits, noiseRatio: 3 };
  for (const [name, noiseRatio] of [
    ['loss/0', 7.9],
    ['grads/w', 7.9],
    ['buffers/mean', 8],
    ['params/w', 15.9],
  ] as const)
    t.strictSame(training(name, noiseRatio), [], name);
  for (const [name, noiseRatio, allowed] of [
    ['lr/0', 1.1, '1 and 1'],
    ['loss/0', 8.1, '8 and 8'],
    ['grads/w', 8.1, '8 and 16'],
    ['buffers/mean', null, '8 and 16'],
    ['params/w', 16.1, '16 and 32'],
  ] as const) {
    const [sentence, ...others] = training(name, noiseRatio);
    t.strictSame(others, []);
    t.match(
      sentence,
      `${name} passes with ${noiseRatio ?? 'no'} and 1.4 times the noise; at most ${allowed} are allowed`,
    );
  }
  t.match(training('params/w', 3.1, strict), [/at most 3 and 32 are allowed$/], 'a suite asks for less');
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
