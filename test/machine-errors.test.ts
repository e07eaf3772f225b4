import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readWaivers } from '../harness/config/waivers.js';
import { readWeightsFile } from '../harness/golden/weights-file.js';
import { readRun } from '../harness/run/read-run.js';
import { readProbeMap } from '../onnx/probe-map.js';
import { readOnnxModel } from '../onnx/read-model.js';
import { readDeployFile } from '../pipeline/deploy/deploy-file.js';
import { readImage, readImageSize } from '../pipeline/image/read-image.js';
import { readLabel, readLabelSize } from '../pipeline/image/read-label.js';
import { listImages } from '../pipeline/predict/list-images.js';
import { readPaddleSegConfig } from '../pipeline/yml/paddleseg-yml.js';
import { readTipcFile } from '../tipc/plan/read-tipc-file.js';
import { readToolDeploy } from '../tipc/runners/paddleseg/read-tool-deploy.js';

/** The beginning of a process's memory is nowhere: Linux answers as a broken disk does. */
const broken = '/proc/self/mem';

const readers: Readonly<Record<string, (path: string) => unknown>> = {
  ...{ listImages, readDeployFile, readImage, readImageSize, readLabel, readLabelSize, readOnnxModel, readProbeMap },
  ...{ readRun, readTipcFile, readToolDeploy, readWaivers },
};

t.test(
  'a disk that reports an error is the machine’s, whatever is read: exit code 3, with the name of the file',
  async (t) => {
    if (!existsSync(broken)) return void t.comment('not run: the system has no /proc');
    const folder = t.testdir({ 'x.npz': t.fixture('symlink', broken), 'x.yml': t.fixture('symlink', broken) });
    const named: (readonly [name: string, read: (path: string) => unknown, path: string])[] = [
      ...Object.entries(readers).map(([name, read]) => [name, read, broken] as const),
      ['readWeightsFile', readWeightsFile, join(folder, 'x.npz')],
      // Two names of one yml are one file, by its real path.
      ['readPaddleSegConfig', readPaddleSegConfig, join(folder, 'x.yml')],
    ];
    for (const [name, read, path] of named)
      await t.rejects(
        async () => read(path),
        {
          name: 'EnvironmentError',
          message: /^Cannot read (?!a file).+: its disk reports an error; a machine that can is wanted$/,
        },
        name,
      );
  },
);
