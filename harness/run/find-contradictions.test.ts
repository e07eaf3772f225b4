import t from 'tap';
import { goldensId } from '../golden/list-shipped.js';
import { figuresOf, kindNamed, limitsId, limitsUnder } from '../kinds/index.js';
import {
  makeCase,
  makeMeasurement,
  makeOwn,
  makeResult,
  makeShipped,
  makeStep,
  makeTipcResult,
  worseBaseline,
} from '../reporters/result-for-tests.js';
import type { CaseResult, Figure, Measurement, ModeResult } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import { packageVersion } from '../support/package-root.js';
import { findContradictions } from './find-contradictions.js';
import { findStepContradictions } from './find-step-contradictions.js';

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
    [of({ measurements: [over] }), /^ort\/segnext-t: norm passes with rms 4\.5; at most 4 × noise is allowed$/],
    [of({ measurements: [unjudged] }), /norm passes with rms not finite; at most 4 × noise is allowed$/],
    [
      of({ measurements: [makeMeasurement('norm', { compared: 0 }), good.measurements[0]!] }),
      /norm passes, and nothing of it was compared$/,
    ],
    [of({ measurements: [failing] }), /it passes, and norm does not$/],
    [of({ measurements: [good.measurements[0]!, good.measurements[0]!] }), /backbone\.norm1 is there twice$/],
    [of({ measurements: [] }), /it passes, and nothing was compared$/],
    [
      of({ phase: 'train', shipped: null, measurements: [makeMeasurement('lr/0', { noiseRatio: 0, own: null })] }),
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
      /norm passes with rms 65; at most 64 × noise is allowed$/,
    ],
    [
      of({ measurements: [makeMeasurement('norm', { own: makeOwn({ noiseRatio: 4.5 }) })] }),
      /norm on its own passes with rms 4\.5; at most 4 × noise is allowed$/,
    ],
    [
      of({ measurements: [makeMeasurement('norm', { own: makeOwn({ maxRatio: null }) })] }),
      /norm on its own passes with largest not finite; /,
    ],
    [
      of({ measurements: [withFigure('norm', { limit: 400 })] }),
      /the limit of rms of norm is 400; at most 4 × noise is allowed$/,
    ],
    [
      of({ measurements: [withFigure('norm', { limit: null })] }),
      /the limit of rms of norm is missing; at most 4 × noise is allowed$/,
    ],
    [of({ measurements: [withFigure('norm', { unit: 'z' })] }), /rms of norm is in z; × noise is wanted$/],
    [
      of({ measurements: [withFigure('norm', { name: 'mean' })] }),
      /norm has the figures mean, largest; rms, largest are wanted$/,
    ],
    [
      of({ measurements: [{ ...good.measurements[0]!, name: 'norm', kind: 'gradient' }] }),
      /norm is of the kind gradient; forward is wanted$/,
    ],
    [
      of({ shipped: makeShipped(makeMeasurement('logits', { verdict: 'fail', noiseRatio: 40 })) }),
      /it passes, and the logits of the graph without probes do not$/,
    ],
    [of({ engine: null }), /it passes, and nothing says which engine ran$/],
    [of({ reason: 'it crashed' }), /it passes, with the reason it crashed$/],
    [
      of({ shipped: makeShipped(makeMeasurement('logits', { maxRatio: 9 })) }),
      /logits passes with largest 9; at most 8 × noise is allowed$/,
    ],
  ];
  for (const [result, sentence] of cases) {
    const found = findContradictions(result);
    t.equal(found.length, 1, found.join('\n'));
    t.match(found[0], sentence);
  }
});

t.test('a training holds each kind of row to its own limits', async (t) => {
  const training = (name: string, noiseRatio: number | null, suite: number | null = null) => {
    const row = makeMeasurement(name, { noiseRatio, own: null });
    const figures =
      suite === null ? row.figures : row.figures.map((one) => ({ ...one, limit: suite, because: 'suite' }));
    // Of rates alone no training passes.
    const loss = makeMeasurement('loss/1', { noiseRatio: 1, own: null });
    return findContradictions(of({ phase: 'train', shipped: null, measurements: [{ ...row, figures }, loss] }));
  };
  for (const [name, noiseRatio] of [
    ['loss/0', 7.9],
    ['grads/w', 7.9],
    ['buffers/mean', 8],
    ['params/w', 15.9],
  ] as const)
    t.strictSame(training(name, noiseRatio), [], name);
  for (const [name, noiseRatio, passes] of [
    ['lr/0', 1.1, 'error 1.1; at most 1 × noise'],
    ['loss/0', 8.1, 'error 8.1; at most 8 × noise'],
    ['grads/w', 8.1, 'rms 8.1; at most 8 × noise'],
    ['buffers/mean', null, 'rms not finite; at most 8 × noise'],
    ['params/w', 16.1, 'rms 16.1; at most 16 × noise'],
  ] as const) {
    const [sentence, ...others] = training(name, noiseRatio);
    t.strictSame(others, []);
    t.match(sentence, `${name} passes with ${passes} is allowed`);
  }
  t.match(training('params/w', 3.1, 3), [/rms 3\.1; at most 3 × noise is allowed$/], 'a suite asks for less');
});

t.test('a figure is held to the limits of the kind that its name has, whatever kind the record says', async (t) => {
  const apart = { kind: 'shipped', figures: figuresOf(kindNamed('shipped'), { apart: 1e6 }) };
  const asLoss = { kind: 'loss', figures: figuresOf(kindNamed('loss'), { error: 7 }) };
  const asParameter = { kind: 'parameter', figures: figuresOf(kindNamed('parameter'), { rms: 15, largest: 15 }) };
  const asLabels = { kind: 'label-map', figures: figuresOf(kindNamed('label-map'), { changed: 1, unexplained: 0 }) };
  const asForward = { kind: 'forward', figures: figuresOf(kindNamed('forward'), { rms: 3, largest: 3 }) };
  const row = (name: string, as: object): Measurement => ({ ...makeMeasurement(name, { own: null }), ...as });
  const trained = (name: string, as: object) =>
    of({ phase: 'train', shipped: null, measurements: [makeMeasurement('loss/1', { own: null }), row(name, as)] });
  const shipped = makeShipped();
  const evaluated = makeEvaluated({});
  for (const [result, sentence] of [
    [of({ measurements: [row('norm', apart)] }), 'norm is of the kind shipped; forward is wanted'],
    [
      of({ measurements: [makeMeasurement('norm', { own: { ...makeOwn(), ...apart } })] }),
      'norm on its own is of the kind shipped; own is wanted',
    ],
    [
      of({ shipped: { ...shipped, ...asForward } }),
      'the graph without probes is of the kind forward; shipped is wanted',
    ],
    [of({ shipped: { ...shipped, logits: row('logits', apart) } }), 'logits is of the kind shipped; forward is wanted'],
    [trained('lr/0', asLoss), 'lr/0 is of the kind loss; rate is wanted'],
    [trained('grads/w', asParameter), 'grads/w is of the kind parameter; gradient is wanted'],
    [trained('weights/w', asParameter), 'weights/w is of the kind parameter; no such figure is wanted'],
    [
      makeResult([{ ...evaluated, measurements: [row('single/0/logits', asLabels)] }]),
      'single/0/logits is of the kind label-map; averaged-logits is wanted',
    ],
  ] as const)
    t.strictSame(findContradictions(result), [`${result.cases[0]!.id}: ${sentence}`]);
});

t.test('a run of this version names its limits and goldens, and no others', async (t) => {
  const now = makeResult([good], { tipcheckVersion: packageVersion });
  t.strictSame(findContradictions(now), []);
  t.strictSame(findContradictions({ ...now, limits: 'limits/1' }), [
    `it names limits/1; ${limitsId} of tipcheck ${packageVersion} is wanted`,
  ]);
  t.strictSame(findContradictions({ ...now, goldens: 'goldens/1' }), [
    `it names goldens/1; ${goldensId} of tipcheck ${packageVersion} is wanted`,
  ]);
  t.strictSame(findContradictions(makeTipcResult([makeStep()], { tipcheckVersion: packageVersion })).slice(0, 2), [
    `it names limits/1; ${limitsId} of tipcheck ${packageVersion} is wanted`,
    `it names goldens/1; ${goldensId} of tipcheck ${packageVersion} is wanted`,
  ]);
  const earlier = { tipcheckVersion: '0.1.0', limits: 'limits/1', goldens: 'goldens/1' };
  t.strictSame(findContradictions(makeResult([good], earlier)), []);
});

t.test('of the figures of an evaluation, an earlier version left out those that the pipeline prints', async (t) => {
  const earlier = { tipcheckVersion: '0.1.0', limits: 'limits/1', goldens: 'goldens/1' };
  const found = (name: string, figure: number) => {
    const one = makeMeasurement(name);
    const { length } = limitsUnder('limits/1', kindNamed(one.kind));
    const figures = one.figures
      .slice(0, length)
      .map((each, at) =>
        name.endsWith('/metrics') || at === figure ? { ...each, value: null, limit: null, because: null } : each,
      );
    const evaluated = makeEvaluated({});
    return findContradictions(makeResult([{ ...evaluated, measurements: [{ ...one, figures }] }], earlier));
  };
  t.strictSame(found('single/metrics', 0), []);
  t.match(found('single/0/labels', 1), [/the limit of unexplained of single\/0\/labels is missing; at most 0/]);
  t.match(found('single/confusion', 0), [/the limit of moved of single\/confusion is missing; at most 0.000001/]);
  t.match(found('single/mIoU', 0), [/the limit of difference of single\/mIoU is missing; at most 0.00001/]);
});

t.test('a check of a step has the figures of the kind that its name has', async (t) => {
  const parity = { kind: 'parity', figures: figuresOf(kindNamed('parity'), { rms: 1, largest: 1 }) };
  const classes = { kind: 'parity-classes', figures: figuresOf(kindNamed('parity-classes'), { unexplained: 0 }) };
  const check = { verdict: 'pass', found: 'they agree', because: null, kind: null, figures: [] } as const;
  const found = (name: string, as: object) => {
    const run = makeTipcResult([makeStep({ record: 'a.json', checks: [{ name, ...check, ...as }] })]);
    return findStepContradictions({ ...run, limits: limitsId }, { ...run.tipc!, ...stands });
  };
  for (const [name, as] of [
    ['logits', parity],
    ['graph', parity],
    ['classes', classes],
    ['files', {}],
  ] as const)
    t.strictSame(found(name, as), [], name);
  for (const [name, as, sentence] of [
    ['logits', {}, 'logits is of no kind; parity is wanted'],
    ['graph', {}, 'graph is of no kind; parity is wanted'],
    ['classes', {}, 'classes is of no kind; parity-classes is wanted'],
    ['logits', classes, 'logits is of the kind parity-classes; parity is wanted'],
    ['classes', parity, 'classes is of the kind parity; parity-classes is wanted'],
    ['files', parity, 'files is of the kind parity; no such figure is wanted'],
  ] as const)
    t.strictSame(found(name, as), [`ort/1-train: its check ${sentence}`]);
});

/** What a run of today says of what it read and left. */
const stands = {
  inputs: { configs: [], data: [], weights: [], manifest: { path: 'inputs.txt', bytes: 1, sha256: 'd'.repeat(64) } },
  files: [],
};

t.test('an evaluation holds what it counts to the limits of its kinds', async (t) => {
  for (const [name, values, sentence] of [
    [
      'single/0/labels',
      { changed: 2, unexplained: 1 },
      'labels passes with unexplained 1; at most 0 pixels is allowed',
    ],
    ['single/confusion', { moved: 2e-6 }, 'confusion passes with moved 0.000002; at most 0.000001 share is allowed'],
    ['single/metrics', { Acc: 2e-5, mIoU: 0, Kappa: 0, Dice: 0 }, 'metrics passes with Acc 0.00002; at most 0.00001'],
    [
      'single/mIoU',
      { difference: 2e-5, interval: 0 },
      'mIoU passes with difference 0.00002; at most 0.00001 share is allowed',
    ],
  ] as const) {
    const found = makeMeasurement(name);
    const held = figuresOf(kindNamed(found.kind), values);
    const figures = held.map((figure) => (figure.name === 'interval' ? { ...figure, limit: 0.0005 } : figure));
    const evaluated = makeEvaluated(name.endsWith('labels') ? { changed: 2, unexplained: 1, verdict: 'fail' } : {});
    const spoilt = makeResult([{ ...evaluated, measurements: [...evaluated.measurements, { ...found, figures }] }]);
    t.match(findContradictions(spoilt)[0], sentence, name);
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

t.test('a mode says of its mIoU and its pixels what was measured of them', async (t) => {
  const measured = (name: string, values: Readonly<Record<string, number>>, limit: number | null): Measurement => {
    const found = makeMeasurement(name);
    const figures = figuresOf(kindNamed(found.kind), values);
    return { ...found, figures: figures.map((one) => (one.name === 'interval' ? { ...one, limit } : one)) };
  };
  const found = (mode: Partial<ModeResult>, measurements: readonly Measurement[] = [], changes = {}) =>
    findContradictions(makeResult([{ ...makeEvaluated(mode), measurements }], changes));
  const miou = (interval: number, limit: number | null, name = 'single/mIoU') =>
    measured(name, { difference: 0, interval }, limit);
  const labels = (changed: number, name = 'single/0/labels') => measured(name, { changed, unexplained: 0 }, null);
  const equivalence = (low: number, high: number) =>
    ({ verdict: 'equivalent', interval: [low, high], bound: 0.0005 }) as const;
  t.strictSame(found({ equivalence: equivalence(-0.0003, 0.0001) }, [miou(0.0003, 0.0005)]), []);
  t.strictSame(found({ changed: 5 }, [labels(2), labels(3, 'single/1/labels')]), []);
  const wanted = '0 and 0.0005 of its mode are wanted';
  for (const [faults, sentence] of [
    [found({}, [miou(0.9, null)]), `single/mIoU passes with interval 0.9, limit null; ${wanted}`],
    [found({}, [miou(0, null)]), `single/mIoU passes with interval 0, limit null; ${wanted}`],
    [found({}, [miou(0, 0.95)]), `single/mIoU passes with interval 0, limit 0.95; ${wanted}`],
    [found({}, [miou(0.0001, 0.0005)]), `single/mIoU passes with interval 0.0001, limit 0.0005; ${wanted}`],
    [found({}, [miou(0, 0.0005, 'flip/mIoU')]), 'flip/mIoU passes, and no mode has that name'],
    [
      found({ equivalence: equivalence(-0.9, 0.9) }),
      'mode single, the mIoUs are equivalent, and differ by -0.9 to 0.9; ±0.0005 is allowed',
    ],
    [
      found({ equivalence: { verdict: 'equivalent', interval: null, bound: 0.0005 } }),
      'mode single, the mIoUs are equivalent, and differ by no interval; ±0.0005 is allowed',
    ],
    [found({}, [labels(999)]), 'mode single, 0 pixels are changed; its label maps count 999'],
    [found({ changed: 3 }), 'mode single, 3 pixels are changed; its label maps count 0'],
    [
      found({ changed: 3 }, [labels(3, 'ms/single/0/labels')]),
      'mode single, 3 pixels are changed; its label maps count 0',
    ],
  ] as const)
    t.strictSame(faults, [`ort/segnext-t: ${sentence}`]);
  const earlier = { tipcheckVersion: '0.1.0', limits: 'limits/1', goldens: 'goldens/1' };
  t.strictSame(found({ changed: 3 }, [], earlier), [], 'version 1 did not store it');
});

t.test('the graph without probes is held to its limit where its logits are not informative', async (t) => {
  const shipped = makeShipped(makeMeasurement('logits', { verdict: 'uninformative' }), 1e9);
  const figures = shipped.figures.map((figure) => ({ ...figure, limit: 1, because: 'the suite' }));
  t.strictSame(findContradictions(of({ shipped: { ...shipped, figures } })), [
    'ort/segnext-t: the graph without probes passes with apart 1000000000; at most 1 × noise is allowed',
  ]);
  t.strictSame(findContradictions(of({ shipped })), []);
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
    'the verdict is pass; of its cases it is fail',
    'beside its baseline it is pass; of the findings it is fail',
  ]);
  t.match(findContradictions(makeResult([good], { baseline: { ...agreeing, compared: 0 } })), [
    'it passes beside its baseline, and nothing was compared',
  ]);
});

/** Of which the first figure says something else. */
function withFigure(name: string, changes: Partial<Figure>): Measurement {
  const found = makeMeasurement(name);
  return { ...found, figures: found.figures.map((figure, at) => (at === 0 ? { ...figure, ...changes } : figure)) };
}
