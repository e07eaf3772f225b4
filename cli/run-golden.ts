import type { Device } from '../harness/contract/device.js';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { judgePlans } from '../harness/judge.js';
import { planRun } from '../harness/run/plan.js';
import { exitCodeOfVerdict } from '../harness/run/summarise.js';
import { pipelineEvaluator } from '../pipeline/tools/evaluator.js';
import { showRun } from './show-run.js';

export interface GoldenOptions {
  /** Folders with a golden.json, or names of shipped ones. */
  readonly golden: readonly string[];
  readonly port: string;
  readonly device: Device;
  readonly report?: string;
}

/** As the suites full-eval have it: below what anybody could notice in a published mIoU. */
const miouEquivalence = { bound: 0.0005, because: 'published mIoUs have two digits after the point, in percent' };

/** `tipcheck val --golden`: a port's evaluation judged beside the reference's. @returns the exit code, as of judge */
export async function judgeGoldens({ golden, port, device, report }: GoldenOptions): Promise<number> {
  const goldens = [];
  for (const name of golden) goldens.push(await readEvalGolden(name));
  const plan = planRun({
    ports: [resolvePort(port)],
    bundles: [],
    evaluations: { goldens, evaluator: pipelineEvaluator },
    device,
    limits: { accumulated: null, own: null, shippedAgreement: null, miouEquivalence },
  });
  const context = {
    command: process.argv.slice(2),
    listener: showRun([plan]),
    suite: null,
    ...(report === undefined ? {} : { reportFolder: () => report }),
  };
  return exitCodeOfVerdict((await judgePlans([plan], context)).verdict);
}
