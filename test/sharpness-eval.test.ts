import { join } from 'node:path';
import t from 'tap';
import { breakPort } from '../bugs/broken-port.js';
import { showingsIn } from '../bugs/bug.js';
import { countPixels } from '../bugs/count-pixels.js';
import { readBugs } from '../bugs/read-bugs.js';
import { readSuite } from '../harness/config/suite.js';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import type { CaseResult } from '../harness/result/record/case-result.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { createEvaluator, type EvaluationSteps } from '../pipeline/tools/evaluator.js';

t.setTimeout(600_000);

const { limits } = readSuite(join(packageRoot, 'suites', 'segnext', 'full-eval.yaml'));
const golden = await readEvalGolden('street');
const faults = [...(await readBugs())].flatMap(([name, bug]) =>
  showingsIn(bug, 'street').map((showing) => ({ name, bug, ...showing })),
);

t.test('nine bugs show in an evaluation', async (t) => {
  t.equal(faults.length, 9);
});

for (const { name, bug, mode, first } of faults)
  t.test(`full-eval is red with ${bug.what}`, async (t) => {
    const port = bug.pipeline === undefined ? breakPort('ort', name) : resolvePort('ort');
    const judged = await judge(port, mode, bug.pipeline);
    t.equal(judged.verdict, 'fail', judged.reason ?? '');
    t.match(judged.firstFault, first);
  });

t.test('with none of them it is green', async (t) => {
  const count: EvaluationSteps['count'] = ({ truth, labels, confusion }) => countPixels(truth.data, labels, confusion);
  const judged = await judge(resolvePort('ort'), 'single', { count });
  t.equal(judged.verdict, 'pass', judged.reason ?? '');
});

async function judge(port: ReturnType<typeof resolvePort>, mode: string, steps?: EvaluationSteps): Promise<CaseResult> {
  const goldens = [{ ...golden, modes: golden.modes.filter(({ name }) => name === mode) }];
  const evaluations = { goldens, evaluator: createEvaluator(steps) };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [], evaluations, device: 'cpu', limits }));
  return found!;
}
