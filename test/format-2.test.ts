import { join } from 'node:path';
import t, { type Test } from 'tap';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { addArray, writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { samplePositions } from '../harness/golden/seeded.js';
import type { BundleDraft } from '../harness/golden/test-bundle.js';
import type { CaseResult } from '../harness/result/result.js';
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
