import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Test } from 'tap';
import { makeResult, makeStep } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result } from '../../harness/result/record/result.js';
import type { RunInputs, StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { readRun } from '../../harness/run/read-run.js';
import { summariseSteps } from '../../harness/run/summarise-steps.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { recordFiles } from '../inputs/record-files.js';
import { recordInputs } from '../inputs/record-inputs.js';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { relocatePlan } from '../plan/relocate.js';
import { writeJudgedStep } from '../run/judged-step.js';
import { nameFolders } from '../run/name-folders.js';
import { planMode } from '../run/plan-mode.js';
import { headOf } from '../run/run-head.js';
import { resolveConfig } from '../steps/resolve-config.js';
import type { Crop } from '../steps/tipc-options.js';
import { tipcTextForTests } from '../text/text-for-tests.js';
import { verifyRun } from './verify-run.js';

const section = (mode: string) =>
  `${mode}_dataset:\n  type: Dataset\n  dataset_root: data\n  num_classes: 2\n  transforms: []\n  mode: ${mode}\n  ${mode}_path: data/${mode}.list\n`;

const started = process.cwd();

/** A folder in which a TIPC text file runs, and this process in it: pictures are letters, for nothing decodes them. */
export function enterFolder(t: Test): string {
  // The folder that a test left may be gone.
  process.chdir(started);
  const folder = t.testdir({
    'own.txt': tipcTextForTests({
      ...{
        gpu_list: '-1',
        norm_train: 'tools/train.py --config own.yml --do_eval',
        eval: 'tools/val.py --config own.yml',
      },
      ...{ norm_export: 'tools/export.py --config own.yml', train_infer_img_dir: 'data/infer.list' },
    }),
    'own.yml': `_base_: base.yml\n${section('train')}${section('val')}`,
    'base.yml': 'iters: 3\nmodel: {type: None}\n',
    data: { a: '1', b: '2', c: '3', d: '4', 'train.list': 'a b\nc d\n', 'val.list': 'c d\n', 'infer.list': 'a\n' },
  });
  process.chdir(folder);
  t.teardown(() => process.chdir(started));
  return folder;
}

/** What steps write of themselves. */
const written: Readonly<Record<string, object>> = {
  train: { iterations: 2, losses: [3, 2.5], mIoUs: [0.25], windows: [], batchSize: 2, peakRssMb: 100 },
  eval: { mIoU: 0.25, Acc: 0.5, seconds: 1, images: [{}] },
  infer: { figures: { images: 1 } },
};
const figures: Readonly<Record<string, Record<string, number>>> = {
  train: { iterations: 2, 'first loss': 3, 'last loss': 2.5, mIoU: 0.25, 'peak memory (MB)': 100 },
  eval: { mIoU: 0.25, Acc: 0.5, images: 1, 'seconds an image': 1 },
  export: { 'logits (× noise)': 0.97 },
  infer: { images: 1, 'logits (× noise)': 0.97 },
};

export interface RunForTests {
  readonly runId?: string;
  readonly port?: string;
  /** The yml that the text file names. */
  readonly config?: string;
  /** Whether the port is the run's second, whose files lie in a folder of its own. */
  readonly isSecond?: boolean;
  /** The size of `--crop`. */
  readonly crop?: Crop | null;
  /** What it says otherwise of what it read. */
  readonly inputs?: Partial<RunInputs>;
  readonly changes?: Partial<Result>;
  readonly step?: (step: StepResult) => StepResult;
}

/** Stores a run of `own.txt` in `reports/<run-id>` as `tipcheck test` does, without an engine. @returns its folder */
export async function storeRun({
  runId = 'now',
  port = 'ort',
  config = 'own.yml',
  isSecond = false,
  crop = null,
  inputs: otherInputs,
  changes,
  step,
}: RunForTests = {}) {
  const folder = join('reports', runId);
  const [name = port] = nameFolders([port]);
  const whole = planMode(await readTipcFile('own.txt'), 'lite_train_lite_infer');
  const plan = isSecond ? relocatePlan(whole, `${whole.outputFolder}/${name}`) : whole;
  const configs = new Map([[config, await resolveConfig(config, crop, join(folder, 'configs'))]]);
  const recorded = await recordInputs({ plan, path: 'own.txt', configs, ports: [port], pretrained: null }, folder);
  const inputs = { ...recorded, ...otherInputs };
  const steps: StepResult[] = [];
  for (const { number, kind, command, logPath } of plan.steps) {
    const records = join(folder, name);
    if (kind in written) place(join(records, `${number}-${kind}.json`), JSON.stringify(written[kind]));
    if (logPath !== null) place(logPath, `the log of ${kind}\n`);
    const path = join(plan.outputFolder, `made-by-${number}`);
    place(path, kind);
    const made = { path, bytes: kind.length, sha256: await hashFile(path) };
    const found = makeStep({
      port,
      number,
      kind,
      command,
      log: logPath,
      figures: figures[kind] ?? {},
      artefacts: [made],
    });
    steps.push(await writeJudgedStep(records, step?.({ ...found, deviations: [] }) ?? { ...found, deviations: [] }));
  }
  const status = plan.steps.flatMap((step) => (step.status === null ? [] : [step.status.file]));
  for (const file of status) place(file, 'Run successfully\n');
  const shell: Omit<TipcRun, 'steps' | 'files'> = {
    ...{ file: 'own.txt', fileSha256: await hashFile('own.txt'), model: plan.modelName, mode: plan.mode },
    ...{ deviations: [], allowed: [], required: [], ports: ['ort', 'tfjs'], startFolder: relative(folder, '') },
    ...{ commit: null, params: null, inputs, planned: steps.map(({ id }) => id) },
  };
  const head = makeResult([], { runId, tipcheckVersion: packageVersion, ...changes });
  place(
    join(folder, 'plan.json'),
    JSON.stringify({
      ...headOf(head),
      ...shell,
      steps: steps.map(({ id, command, row, ran }) => ({ id, command, row, runs: ran })),
    }),
  );
  const tipc = { ...shell, steps, files: await recordFiles(folder, steps, status) };
  await writeReport(folder, { ...head, verdict: 'pass', summary: summariseSteps(tipc), tipc, ...changes });
  return folder;
}

/**
 * The same as an earlier version stored it, which recorded none of what the run read and left.
 * @returns its folder, what it says, and files of its steps that the earlier version did not write
 */
export async function storeOldRun() {
  const folder = await storeRun();
  const { result } = await readRun(folder);
  const { tipc } = result;
  const records = tipc!.steps.map(({ record }) => record!);
  const old = { ...tipc!, inputs: null, files: null, steps: tipc!.steps.map((step) => ({ ...step, record: null })) };
  place(join(folder, 'plan.json'), JSON.stringify({ ...old, steps: [] }));
  const stored: Result = {
    ...result,
    ...{ tipcheckVersion: '0.1.0', limits: 'limits/1', goldens: 'goldens/1' },
    tipc: old,
  };
  await writeReport(folder, stored);
  return { folder, result: stored, records };
}

function place(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

export async function verify(folder: string) {
  return verifyRun(await readRun(folder));
}

export async function verifyChanged(t: Test, change: (tipc: TipcRun) => TipcRun) {
  enterFolder(t);
  const folder = await storeRun();
  const { result }: { result: Result } = await readRun(folder);
  await writeReport(folder, { ...result, tipc: change(result.tipc!) });
  return verify(folder);
}
