import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSuite } from '../../../harness/config/suite.js';
import { parseWaivers } from '../../../harness/config/waivers.js';
import { UserError } from '../../../harness/support/errors.js';
import { packageRoot } from '../../../harness/support/package-root.js';
import { readProbeMap } from '../../../onnx/probe-map.js';
import { parseTipcMetrics } from '../../../pipeline/compare/metrics-file.js';
import { planEvaluation } from '../../../pipeline/config/evaluation-plan.js';
import { planTraining } from '../../../pipeline/config/training-plan.js';
import { openDataSet } from '../../../pipeline/data/data-set.js';
import { readDeployFile, renderDeployFile } from '../../../pipeline/deploy/deploy-file.js';
import { parseTrainLog } from '../../../pipeline/logs/parse-train-log.js';
import { listImages } from '../../../pipeline/predict/list-images.js';
import { readPaddleSegConfig } from '../../../pipeline/yml/paddleseg-yml.js';
import { plainSection } from '../../../pipeline/yml/section.js';
import { planTipc } from '../../../tipc/plan/plan-tipc.js';
import { parseTipcText } from '../../../tipc/plan/read-tipc-file.js';
import { rowConfig, rowText } from '../../breaks/small-run.js';
import type { FuzzTarget } from '../fuzz-target.js';

const shipped = (...parts: string[]): Promise<Buffer> => readFile(join(packageRoot, ...parts));
const text =
  (...texts: string[]) =>
  async () =>
    texts.map((one) => Buffer.from(one));
const modes = ['lite_train_lite_infer', 'whole_infer', 'benchmark_train'];

export const textTargets: readonly FuzzTarget[] = [
  {
    ...{ name: 'yml', file: 'small.yml', isText: true },
    samples: text(rowConfig),
    begin: writeLists,
    async read(path) {
      const config = await readPaddleSegConfig(path);
      await planEvaluation(config);
      await planTraining(config, {}, 0);
    },
  },
  {
    ...{ name: 'tipc', file: 'small.txt', isText: true },
    samples: async () => [
      Buffer.from(rowText),
      await shipped('configs', 'tipc', 'segnext', 'train_infer_python.txt'),
      await shipped('configs', 'tipc', 'segnext', 'train_infer_js.txt'),
    ],
    read(path, bytes) {
      const file = parseTipcText(Buffer.from(bytes).toString('utf8'), path);
      // Not every mode is in every file: the first reason counts where none can be planned.
      const refused = modes.flatMap((mode) => refusalOf(() => planTipc(file, mode)));
      if (refused.length === modes.length) throw refused[0];
    },
  },
  {
    ...{ name: 'suite', file: join('segnext', 'lite-infer.yaml'), isText: true },
    samples: async () => [await shipped('suites', 'segnext', 'lite-infer.yaml')],
    read: (path, bytes) => parseSuite(Buffer.from(bytes).toString('utf8'), path),
  },
  {
    ...{ name: 'waivers', file: 'waivers.yaml', isText: true },
    samples: text(`waivers:
  - port: ort
    bundle: segnext-t
    probe: backbone.*
    because: the engine fuses it with the next
    until: "2030-01-31"
    link: https://example.org/1
`),
    read: (path, bytes) => parseWaivers(Buffer.from(bytes).toString('utf8'), path),
  },
  {
    ...{ name: 'map', file: 'map.yaml', isText: true },
    samples: text('logits: out\nbackbone.norm1: "/norm1/out"\n'),
    read: readProbeMap,
  },
  {
    ...{ name: 'deploy', file: 'deploy.yaml', isText: true },
    samples: async () => [Buffer.from(renderDeployFile(deployed))],
    read: readDeployFile,
  },
  {
    ...{ name: 'list', file: 'val.list', isText: true },
    samples: text('a.png b.png\nc.png d.png\n', 'a.png b.png'),
    read: () => openDataSet(plainSection(listed, 'small.yml:16')),
  },
  {
    ...{ name: 'image list', file: 'infer.txt', isText: true },
    samples: text('a.png\nc.png\n'),
    read: listImages,
  },
  {
    ...{ name: 'metrics', file: 'results_fp32.txt', isText: true },
    samples: text('mIoU:0.5\nAcc:0.75\n'),
    read: (path, bytes) => parseTipcMetrics(Buffer.from(bytes).toString('utf8'), path),
  },
  {
    ...{ name: 'log', file: 'train.log', isText: true },
    samples: text(
      '2026/01/01 00:00:00 [INFO]\t[TRAIN] epoch: 1, iter: 1/4, loss: 3.8205, lr: 0.003000, batch_cost: 0.5, reader_cost: 0.1, ips: 4.0 samples/sec | ETA 00:00:01\n'.repeat(
        3,
      ),
    ),
    read: (path, bytes) => parseTrainLog(Buffer.from(bytes).toString('utf8'), path),
  },
];

const deployed = {
  ...{
    model: 'model.onnx',
    params: 'model.pdparams',
    transforms: [{ type: 'Normalize' }],
    inputShape: [1, 3, 256, 512],
  },
  section: { type: 'SegNeXt', num_classes: 19, backbone: { type: 'MSCAN_T' } },
};

const listed = {
  type: 'Dataset',
  dataset_root: '.',
  val_path: 'val.list',
  num_classes: 2,
  mode: 'val',
  transforms: [],
};

function refusalOf(work: () => unknown): UserError[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof UserError) return [error];
    throw error;
  }
}

async function writeLists(folder: string): Promise<void> {
  await mkdir(join(folder, 'street'));
  for (const split of ['train', 'val']) await writeFile(join(folder, 'street', `${split}.list`), 'a.png b.png\n');
}
