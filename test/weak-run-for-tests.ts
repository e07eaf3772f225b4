import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Test } from 'tap';
import { readWeightsFile } from '../harness/golden/weights-file.js';
import { parseResult } from '../harness/result/parse-result.js';
import type { StepResult } from '../harness/result/record/tipc-run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { openGraphRuns } from '../tipc/runners/tipcheck/graph-runs.js';
import { judgeExport } from '../tipc/runners/tipcheck/judge-export.js';
import type { Translation } from '../tipc/steps/translation.js';
import { readRequest } from '../tipc/text/request.js';
import { tipcTextForTests } from '../tipc/text/text-for-tests.js';
import { writeSmallConfig } from './tools-for-tests.js';

export const output = 'test_tipc/output/toy/lite_train_lite_infer';
export const run = `${output}/norm_train_gpus_-1_autocast_null`;

/** A folder with a text file, a network that trains in milliseconds and two pictures. */
export async function writeRun(
  t: Test,
  changes: Record<string, string>,
  spoil?: (yml: string) => string,
): Promise<string> {
  const folder = t.testdir();
  await writeSmallConfig(folder, spoil);
  const pictures = join(packageRoot, 'fixtures/street/leftImg8bit/val/street');
  const names = (await readdir(pictures)).slice(0, 2);
  for (const name of names) await copyFile(join(pictures, name), join(folder, name));
  await writeFile(join(folder, 'five.list'), `${names.join('\n')}\n`);
  await writeFile(join(folder, 'f.txt'), tipcTextForTests({ ...small, ...changes }));
  return folder;
}

const small = {
  gpu_list: '-1',
  'train.--device': 'cpu',
  '--iters': 'lite_train_lite_infer=4',
  norm_train: 'tools/train.py --config small.yml --do_eval --log_iters 2',
  norm_export: 'tools/export.py --config small.yml --input_shape 1 3 64 128',
};

export function tipcheck(cwd: string, ...args: string[]) {
  return execa(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), ...args], {
    ...{ reject: false, cwd, cleanup: true },
    // As on a machine without a GPU.
    env: { TIPCHECK_SKIP_ENSURE: '1', TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' },
  });
}

export function test(cwd: string, ...flags: string[]) {
  return tipcheck(cwd, 'test', 'f.txt', 'lite_train_lite_infer', '--port', 'ort', ...flags);
}

/** A run that passes; and inference with its graph, once that was broken. */
export interface GoodRun {
  /** Train, export, inference. */
  readonly steps: readonly StepResult[];
  /** What is red of its graph; and of the same graph with one wrong number in it. */
  readonly graph: readonly string[];
  readonly spoiltGraph: readonly string[];
  readonly broken: { readonly exitCode: number; readonly stderr: string };
}

let good: Promise<GoodRun> | null = null;

export async function goodRun(t: Test): Promise<GoodRun> {
  good ??= readGoodRun(t);
  return await good;
}

async function readGoodRun(t: Test): Promise<GoodRun> {
  const folder = await writeRun(t, { 'infer.--device': 'cpu' });
  const { exitCode, stdout } = await test(folder);
  t.equal(exitCode, 0, stdout);
  const [id] = await readdir(join(folder, 'reports'));
  const result = parseResult(await readFile(join(folder, 'reports', id!, 'result.json'), 'utf8'), 'result.json');
  const model = join(folder, run, (await readdir(join(folder, run))).find((name) => name.endsWith('.onnx'))!);
  const graph = await judgeGraph(folder, 'honest');
  await spoilOneNumber(model, join(folder, run, 'best_model', 'model.pdparams'));
  const spoiltGraph = await judgeGraph(folder, 'spoilt');
  await writeFile(model, 'no graph');
  const config = join(run, 'deploy.yaml');
  const broken = await tipcheck(folder, 'infer', '--config', config, '--image_path', 'five.list', '--port', 'ort');
  return {
    steps: result.tipc?.steps ?? [],
    graph,
    spoiltGraph,
    broken: { exitCode: broken.exitCode ?? -1, stderr: broken.stderr },
  };
}

/** As the step of an export is judged, on one of the run's pictures. */
async function judgeGraph(folder: string, name: string): Promise<string[]> {
  const [picture] = (await readFile(join(folder, 'five.list'), 'utf8')).split('\n');
  const request = readRequest('tools/export.py', ['--model_path', 'another', '--save_dir', join(folder, run)]);
  const { checks } = await judgeExport(
    { request, config: null } as unknown as Translation,
    0,
    [join(folder, picture!)],
    openGraphRuns(join(folder, name)),
  );
  return checks.filter(({ verdict }) => verdict === 'fail').map((one) => one.name);
}

/** Adds 1 to one element of a weight that the graph holds as the checkpoint does. */
async function spoilOneNumber(graph: string, checkpoint: string): Promise<void> {
  const bytes = await readFile(graph);
  for (const [name, { data }] of await readWeightsFile(checkpoint)) {
    const at =
      data.length < 8 || !name.startsWith('decode_head')
        ? -1
        : bytes.indexOf(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (at < 0) continue;
    bytes.writeFloatLE(bytes.readFloatLE(at) + 1, at);
    await writeFile(graph, bytes);
    return;
  }
  throw new Error(`${graph} holds none of the weights of ${checkpoint}`);
}
