import { join } from 'node:path';
import t from 'tap';
import { tinyBundle } from '../../test/tiny-bundle.js';
import { renderCaseLine } from '../reporters/console.js';
import type { CaseResult } from '../result/record/case-result.js';
import { packageRoot } from '../support/package-root.js';
import { findContradictions } from './find-contradictions.js';
import { planRun } from './plan.js';
import { runPlan } from './run.js';
import { summariseRun } from './summarise.js';

async function repeat(fault: string, runs = 2): Promise<CaseResult> {
  const module = join(packageRoot, 'test', 'ports', 'tiny.mjs');
  const port = { name: `tiny-${fault}`, about: null, module, settings: { fault } };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [tinyBundle()], runs }));
  return found!;
}

function lineOf(found: CaseResult): string {
  return renderCaseLine(found, { colour: false });
}

function contradictionsOf(found: CaseResult): string[] {
  const context = { runId: 'r', startedAt: new Date(), command: [], suite: null, partial: false };
  return findContradictions(summariseRun([found], context));
}

t.test('a port whose runs are the same passes, and says so', async (t) => {
  const found = await repeat('none', 3);
  t.equal(found.verdict, 'pass');
  t.equal(found.runs, 3);
  t.match(found.measurements[1]?.spread, { kind: 'forward', relRms: 0, figures: [{ value: 0 }, { value: 0 }] });
  t.match(lineOf(found), /\n {6}repeats {7}3 runs, the same to the last bit$/);
  t.strictSame(contradictionsOf(found), []);
});

t.test('without repeats a result holds nothing of them', async (t) => {
  const found = await repeat('none', 1);
  t.notOk('runs' in found);
  t.notOk(found.measurements.some((one) => 'spread' in one));
});

t.test('a port that draws numbers without a seed is red, and the layer that draws is named', async (t) => {
  const found = await repeat('noisy');
  t.equal(found.verdict, 'fail');
  t.match(found.fault, { kind: 'forward', name: 'z' });
  t.equal(found.measurements[0]?.spread?.relRms, 0, 'y repeats');
  t.match(
    lineOf(found),
    /repeats {7}2 runs: 3 of 4 tensors differ, at most \d+× noise, largest \d+×, at .*; the first is z/,
  );
  t.match(
    lineOf(found),
    /hint {10}Runs of it differ, so its error is that of one run: look for numbers that are drawn/,
  );
});

t.test('a failure that is no larger than runs are apart is unrepeatable, and stays a failure', async (t) => {
  const [y, z] = (await repeat('wrong-and-noisy', 5)).measurements;
  t.match([y, z], [{ verdict: 'fail' }, { verdict: 'fail' }]);
  t.notMatch(y?.reason, /unrepeatable/, 'the error of y is the same each time');
  t.match(z?.reason, /^error is \S+ × the noise; .*; it is unrepeatable: runs of it are as far apart$/);
});

t.test('runs that differ by less than the limit are told, and pass', async (t) => {
  const found = await repeat('slightly-noisy');
  t.equal(found.verdict, 'pass');
  t.match(lineOf(found), /repeats {7}2 runs: \d of 4 tensors differ, at most \d\.\d+× noise/);
});

t.test('the graph that users run is loaded anew for each run: what differs from load to load is red', async (t) => {
  const found = await repeat('noisy-load');
  t.equal(found.verdict, 'fail');
  t.match(found.measurements[2]?.reason, /^in the graph without probes, /);
  t.match(lineOf(found), /1 of 4 tensors differ, .* at logits of the graph without probes/);
});

t.test('a stored result that passes with runs too far apart contradicts itself', async (t) => {
  const found = await repeat('none');
  const [y, ...rest] = found.measurements;
  const spread = { ...y!.spread!, figures: y!.spread!.figures.map((one) => ({ ...one, value: 99 })) };
  const changed = { ...found, measurements: [{ ...y!, spread }, ...rest] };
  t.match(contradictionsOf(changed), [/y between runs passes with rms 99; at most 4 × noise is allowed/, /largest 99/]);
});

t.test('a bundle of training is not run several times', async (t) => {
  t.throws(() => planRun({ ports: [{} as never], bundles: [tinyBundle({ phase: 'train' })], runs: 2 }), {
    message: 'Cannot run tiny 2 times: it is a bundle of training; one of inference is wanted',
  });
});
