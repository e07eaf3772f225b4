import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { readWaivers } from '../harness/config/waivers.js';
import { readWeightsFile } from '../harness/golden/weights-file.js';
import { compareArrays } from '../harness/run/compare-arrays.js';
import { readRun } from '../harness/run/read-run.js';
import { hashFile } from '../harness/support/hash-file.js';
import { readProbeMap } from '../onnx/probe-map.js';
import { readOnnxModel } from '../onnx/read-model.js';
import { readTrainingState } from '../pipeline/checkpoints/training-state.js';
import { openDataSet } from '../pipeline/data/data-set.js';
import { readDeployFile } from '../pipeline/deploy/deploy-file.js';
import { readKeptRecord } from '../pipeline/evaluate/kept-evaluation.js';
import { describeWeightsFault } from '../pipeline/fetch/describe-weights-fault.js';
import { readZippedWeights } from '../pipeline/fetch/unpack-weights.js';
import { readHead } from '../pipeline/image/picture-format.js';
import { readImage, readImageSize } from '../pipeline/image/read-image.js';
import { readLabel, readLabelSize } from '../pipeline/image/read-label.js';
import { listConfigFiles, readPaddleSegConfig } from '../pipeline/yml/paddleseg-yml.js';
import { plainSection } from '../pipeline/yml/section.js';
import { readTipcFile } from '../tipc/plan/read-tipc-file.js';
import { readToolDeploy } from '../tipc/runners/paddleseg/read-tool-deploy.js';
import { readLogits } from '../tipc/steps/compare-logits.js';
import { readRecord } from '../tipc/steps/read-record.js';

/** By the name that the pipe has: what reads it, given the folder that it lies in. */
const readers: readonly (readonly [name: string, pipe: string, read: (folder: string) => unknown])[] = [
  ...Object.entries({
    ...{ readDeployFile, readImage, readImageSize, readLabel, readLabelSize, readOnnxModel, readProbeMap, readRecord },
    ...{ readHead, readLogits, readRun, readTipcFile, readToolDeploy, readWaivers, hashFile, describeWeightsFault },
  }).map(([name, read]) => [name, 'pipe', (folder: string) => read(join(folder, 'pipe'))] as const),
  ['readPaddleSegConfig', 'pipe.yml', (folder) => readPaddleSegConfig(join(folder, 'pipe.yml'))],
  ['a base', 'pipe', (folder) => readPaddleSegConfig(join(folder, 'own.yml'))],
  ['listConfigFiles', 'pipe', (folder) => listConfigFiles(join(folder, 'own.yml'))],
  ['a list', 'pipe', (folder) => openDataSet(plainSection(dataSet(folder), 'own.yml'))],
  ['readWeightsFile', 'pipe.npz', (folder) => readWeightsFile(join(folder, 'pipe.npz'))],
  ['readZippedWeights', 'pipe.zip', (folder) => readZippedWeights(join(folder, 'pipe.zip'))],
  ['compareArrays', 'pipe.npy', (folder) => compareArrays(join(folder, 'pipe.npy'), 'other.npy', 0, 0)],
  ['readTrainingState', 'model.pdstates', readTrainingState],
  ['readKeptRecord', 'evaluation.json', readKeptRecord],
];

t.test('no reader of a file waits for a pipe: each says what it is', async (t) => {
  for (const [name, pipe, read] of readers) {
    const folder = t.testdir({ 'own.yml': '_base_: pipe\n' });
    execFileSync('mkfifo', [join(folder, pipe)]);
    const message = `Cannot read ${join(folder, pipe)}: it is a pipe; a plain file is wanted. Fix: write its contents to one`;
    await t.rejects(async () => read(folder), { name: 'UserError', message }, name);
  }
});

function dataSet(folder: string): Readonly<Record<string, unknown>> {
  const list = { mode: 'train', train_path: join(folder, 'pipe') };
  return { type: 'Dataset', ...list, dataset_root: folder, transforms: [], num_classes: 2 };
}
