import t from 'tap';
import { renderJudgeJson } from './judge-json.js';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeOwn,
  makeResult,
  missingCase,
} from './result-for-tests.js';

const figures = { rel_rms: 3.9e-7, max_over_rms: 4.2e-6, noise_ratio: 1.3 };
const isolated = { rel_rms: 1e-7, max_over_rms: 8e-7, noise_ratio: 2.1 };

t.test('the file holds exactly the keys of the contract', async (t) => {
  const measurements = [makeMeasurement('backbone.norm1', { own: null }), makeMeasurement('logits')];
  t.strictSame(JSON.parse(renderJudgeJson(makeResult([makeCase({ measurements })]))), {
    verdict: 'pass',
    partial: false,
    bundles: [
      {
        id: 'segnext-t',
        verdict: 'pass',
        first_fault: null,
        first_fault_by: null,
        fault: null,
        probes: [
          { name: 'backbone.norm1', verdict: 'pass', ...figures, isolated: null },
          { name: 'logits', verdict: 'pass', ...figures, isolated },
        ],
      },
    ],
  });
});

t.test('a fault is named with how it was found, and --only is partial', async (t) => {
  const fault = { kind: 'forward', name: 'decode_head.align' } as const;
  const parsed = JSON.parse(renderJudgeJson(makeResult([faultyCase({ fault })], { partial: true })));
  t.match(parsed, {
    verdict: 'fail',
    partial: true,
    bundles: [{ verdict: 'fail', first_fault: 'decode_head.align', first_fault_by: 'own', fault }],
  });
});

t.test('a figure that is not finite is null with a reason', async (t) => {
  const measurements = [
    makeMeasurement('a', { verdict: 'fail', relRms: Number.NaN, reason: null }),
    makeMeasurement('b', { own: makeOwn({ verdict: 'reported', noiseRatio: null, maxRatio: null }) }),
  ];
  const { bundles } = JSON.parse(renderJudgeJson(makeResult([makeCase({ measurements })])));
  t.match(bundles[0].probes[0], { rel_rms: null, reason: 'it is not finite' });
  t.match(bundles[0].probes[1].isolated, {
    rel_rms: 1e-7,
    noise_ratio: null,
    reason: 'the bundle has no own_noise for it',
  });
  const [, missing] = JSON.parse(renderJudgeJson(makeResult([missingCase()]))).bundles[0].probes;
  t.strictSame(missing, {
    name: 'decode_head.align',
    verdict: 'missing',
    rel_rms: null,
    max_over_rms: null,
    noise_ratio: null,
    reason: 'the port recorded no such probe',
    isolated: null,
  });
});

t.test('what could not run, or did not, is an error', async (t) => {
  const cases = [errorCase(), errorCase({ verdict: 'not-run', bundle: 'segnext-s' })];
  const parsed = JSON.parse(renderJudgeJson(makeResult(cases)));
  t.match(parsed, {
    verdict: 'error',
    bundles: [
      { verdict: 'error', probes: { length: 0 } },
      { verdict: 'error', probes: { length: 0 } },
    ],
  });
});
