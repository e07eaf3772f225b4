import { join } from 'node:path';
import t, { type Test } from 'tap';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { addArray, writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { samplePositions } from '../harness/golden/seeded.js';
import type { BundleDraft } from '../harness/golden/test-bundle.js';
import { makeResult } from '../harness/reporters/result-for-tests.js';
import type { CaseResult } from '../harness/result/record/case-result.js';
import { findContradictions } from '../harness/run/find-contradictions.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(120_000);

/** What the port of test/ports/tiny-2.mjs gets on a bundle of format 2. */
async function judge(t: Test, fault: string, change: (draft: BundleDraft) => void): Promise<CaseResult> {
  const bundle = await readBundle(await writeTestBundle2(t.testdir(), change));
  const module = join(packageRoot, 'test', 'ports', 'tiny-2.mjs');
  const [found] = await runPlan(
    planRun({ ports: [{ name: 'tiny', about: null, module, settings: { fault } }], bundles: [bundle] }),
  );
  return found!;
}

function verdicts({ measurements }: CaseResult): (readonly [name: string, verdict: string])[] {
  return measurements.map(({ name, verdict }) => [name, verdict]);
}

/** Adds the probe `twin`, which equals y, after it. */
function addTwin({ json }: BundleDraft): void {
  json.probes!.splice(1, 0, { name: 'twin', shape: [1, 3, 2, 2], same_as: 'y' });
}

/** Makes of y a sample of five elements, for which `addTwin` has to be drawn at the positions of y. */
function sampleY(draft: BundleDraft): void {
  const image = Float32Array.from({ length: 12 }, (_, i) => 2 * Math.fround(Math.sin(i + 1)));
  const picked = Float32Array.from(samplePositions(9, 'y', 5, 12), (at) => image[at]!);
  const value = addArray(draft, 'y', float32NdArray([5], picked));
  const rms = Math.sqrt(image.reduce((sum, x) => sum + x * x, 0) / 12);
  Object.assign(draft.json.probes![0]!, { value, sample: { seed: 9, count: 5 }, rms });
}

for (const [what, change] of [
  ['complete', addTwin],
  [
    'sampled',
    (draft: BundleDraft) => {
      addTwin(draft);
      sampleY(draft);
    },
  ],
] as const) {
  t.test(`a probe with the golden of another is judged by it, ${what}`, async (t) => {
    const right = await judge(t, 'none', change);
    t.strictSame([right.verdict, right.reason], ['pass', null]);
    t.strictSame(verdicts(right)[1], ['twin', 'pass']);
    const wrong = await judge(t, 'wrong-twin', change);
    // Of the sample, the first element is one.
    t.strictSame(verdicts(wrong).slice(0, 2), [
      ['y', 'pass'],
      ['twin', 'fail'],
    ]);
    t.strictSame([wrong.firstFault, wrong.measurements[1]?.worst?.index], ['twin', [0, 0, 0, 0]]);
  });
}

/** Element 1 of z and of logits is undefined, and so is every second. */
function maskLast({ json, files }: BundleDraft): void {
  const valid = addArray({ json, files, hashes: new Map() }, 'mask', {
    dtype: 'b1',
    shape: [2],
    data: Uint8Array.of(1, 0),
  });
  for (const probe of json.probes!.slice(1)) probe.valid = valid;
}

t.test('what a mask leaves out may be anything, also NaN; what counts may not', async (t) => {
  for (const fault of ['none', 'nan 1', 'far 1', 'nan 11']) {
    const found = await judge(t, fault, maskLast);
    t.strictSame([found.verdict, found.reason, found.shipped?.logits.verdict], ['pass', null, 'pass'], fault);
    t.equal(found.shipped?.figures[0]?.value, 0, 'the graph without probes is compared under the mask, too');
    t.strictSame(
      found.measurements.map(({ compared }) => compared),
      [12, 6, 6],
    );
    t.equal(found.meaning, null, 'a class map of undefined pixels says nothing');
  }
  for (const fault of ['nan 2', 'far 2']) {
    const found = await judge(t, fault, maskLast);
    t.equal(found.verdict, 'fail', fault);
    t.match(found.measurements[1], { verdict: 'fail', worst: { index: [0, 0, 1, 0] } }, fault);
    t.match(found.measurements[1]?.reason, fault === 'nan 2' ? /^1 of its elements are NaN or Inf$/ : /the noise/);
  }
  t.equal((await judge(t, 'nan 1', () => undefined)).verdict, 'fail', 'without a mask');
});

/** z at three places. */
function sampleOfZ(): Float32Array {
  return Float32Array.from(samplePositions(4, 'z', 3, 12), (at) => Math.fround(2 * Math.fround(Math.sin(at + 1))) + 1);
}

/** Of z three elements are sampled, and the mask leaves all of them out. */
function maskSample(draft: BundleDraft): void {
  const [, z] = draft.json.probes!;
  const places = [...samplePositions(4, 'z', 3, 12)];
  const value = addArray(draft, 'z', float32NdArray([3], sampleOfZ()));
  const data = Uint8Array.from({ length: 12 }, (_, at) => (places.includes(at) ? 0 : 1));
  const valid = addArray(draft, 'mask', { dtype: 'b1', shape: [1, 3, 2, 2], data });
  Object.assign(z!, { value, sample: { seed: 4, count: 3 }, rms: 1.7, valid });
}

t.test(
  'between the samples, too, NaN is anything where a mask leaves it out and a fault where it does not',
  async (t) => {
    const sampled = (draft: BundleDraft) => {
      const value = addArray(draft, 'z', float32NdArray([3], sampleOfZ()));
      const [, z] = draft.json.probes!;
      const valid = addArray(draft, 'mask', { dtype: 'b1', shape: [2], data: Uint8Array.of(1, 0) });
      Object.assign(z!, { value, sample: { seed: 4, count: 3 }, rms: 1.7, valid });
    };
    const places = [...samplePositions(4, 'z', 3, 12)];
    const between = Array.from({ length: 12 }, (_, at) => at).filter((at) => !places.includes(at));
    const masked = between.find((at) => at % 2 === 1);
    const counted = between.find((at) => at % 2 === 0);
    t.match((await judge(t, `nan ${masked}`, sampled)).measurements[1], { verdict: 'pass', reason: null });
    const found = await judge(t, `nan ${counted}`, sampled);
    t.match(found.measurements[1], { verdict: 'fail', reason: '1 of its elements are NaN or Inf' });
  },
);

t.test('a sample that a mask leaves out says nothing, and never passes', async (t) => {
  const found = await judge(t, 'none', maskSample);
  t.match(found.measurements[1], {
    ...{ name: 'z', verdict: 'uninformative', compared: 0, relRms: null, own: { verdict: 'reported' } },
    reason: 'its valid leaves out every element of its sample',
  });
  t.strictSame([found.verdict, found.reason], ['pass', null]);
  t.equal(found.shipped?.logits.name, 'logits', 'an output of which nothing counts is not asked for alone');
  t.strictSame(findContradictions(makeResult([found])), []);
  const alone = await judge(t, 'none', (draft) => {
    maskSample(draft);
    draft.json.outputs = ['z'];
    draft.json.probes!.splice(2);
    draft.json.probes!.shift();
  });
  t.strictSame([alone.verdict, alone.reason], ['fail', 'no informative probe was compared']);
  const nan = await judge(t, 'all-nan', maskSample);
  t.match(nan.measurements[1], { verdict: 'fail', reason: /of its elements are NaN or Inf$/ });
});
