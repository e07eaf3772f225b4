import type { Precision } from '../harness/contract/precision.js';
import { atPrecision } from '../harness/golden/at-precision.js';
import type { Bundle } from '../harness/golden/bundle.js';
import { resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import type { PortTarget } from '../harness/hosts/resolve-port.js';
import { judgePlans } from '../harness/judge.js';
import { renderJudgeJson } from '../harness/reporters/judge-json.js';
import { foundTensors } from '../harness/result/found-tensors.js';
import { type EarlyStart, withEarlyStart } from '../harness/run/early-start.js';
import { readEngineBaseline } from '../harness/run/engine-baseline.js';
import { planRun } from '../harness/run/plan.js';
import type { StartOptions } from '../harness/run/start-host.js';
import { exitCodeOfVerdict } from '../harness/run/summarise.js';
import { validateWritable, writeAtomicFile } from '../harness/support/atomic-file.js';
import { defined } from '../harness/support/defined.js';
import { validateModels } from '../models/validate-models.js';
import { renderProbeMap } from '../onnx/probe-map.js';
import { type AlignmentFlags, readAlignmentFlags } from './options/alignment.js';
import { type JudgeFlags, readJudgeFlags } from './options/judge.js';
import { showRun } from './show-run.js';

export interface JudgeOptions extends JudgeFlags, AlignmentFlags {
  readonly json?: string;
  readonly only?: readonly string[];
  readonly timeout?: number;
  readonly map?: string;
  readonly ownWeights?: boolean;
  readonly writeMap?: string;
  readonly report?: string;
  readonly repeats?: number;
  readonly engine?: string;
  readonly engineBaseline?: string;
  readonly precision?: Precision;
}

/** What `tipcheck judge` does once its port is known. @returns the exit code */
export async function judgeBundles(
  port: PortTarget,
  names: readonly string[],
  options: JudgeOptions,
  start: StartOptions,
): Promise<number> {
  const held = await readJudgeFlags(options);
  const bundles: Bundle[] = [];
  for (const name of names) bundles.push(atPrecision(await readBundle(resolveBundleFolder(name)), options.precision));
  if (port.about?.kind === 'named') await validateModels(bundles);
  // All bundles are known to be right before a port starts (CONTRACT, section 3).
  return withEarlyStart(port, start, (early) => judgeRead(port, names, bundles, held, options, { ...start, early }));
}

async function judgeRead(
  port: PortTarget,
  names: readonly string[],
  bundles: readonly Bundle[],
  held: Awaited<ReturnType<typeof readJudgeFlags>>,
  { report, json, writeMap, ...options }: JudgeOptions,
  start: StartOptions & { readonly early: EarlyStart },
): Promise<number> {
  const { only, repeats: runs } = options;
  const plan = planRun({ ports: [port], bundles, ...start, ...defined({ only, runs }) });
  for (const file of [json, writeMap]) if (file !== undefined) await validateWritable(file);
  const writeAlignment = await readAlignmentFlags(options);
  const ids = new Map(names.map((name, at) => [name, bundles[at]!.id]));
  const asked = new Set(plan.cases.map(({ id }) => id));
  const run = options.engineBaseline;
  const result = await judgePlans([plan], {
    command: process.argv.slice(2),
    listener: showRun([plan]),
    suite: null,
    ...(await held({ ids, isAsked: ({ id }) => asked.has(id) })),
    ...(run !== undefined && { engineBaseline: await readEngineBaseline(run, bundles) }),
    ...(report !== undefined && { reportFolder: () => report }),
  });
  if (json !== undefined) await writeAtomicFile(json, renderJudgeJson(result));
  await writeAlignment(result);
  if (writeMap !== undefined) await writeAtomicFile(writeMap, renderProbeMap(foundTensors(result)));
  return exitCodeOfVerdict(result.verdict);
}
