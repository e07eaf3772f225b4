import { dirname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { imageChannels } from '../../models/image-channels.js';
import { type DeployFile, readDeployFile, renderDeployFile } from '../../pipeline/deploy/deploy-file.js';
import type { ResolvedConfig } from './resolve-config.js';
import type { Crop } from './tipc-options.js';

/**
 * What is converted: the weights and the model of a folder that `tipcheck export` wrote.
 * @param folder where a yml of its model and a deploy.yaml of the graph to come are written
 * @throws EnvironmentError where Paddle's own graph is there, or nothing: no port reads it
 */
export async function resolveDeployed(
  { modelFolder, onnxFile }: { readonly modelFolder: string; readonly onnxFile: string },
  crop: Crop | null,
  folder: string,
): Promise<ResolvedConfig> {
  const { path: source, params, section, transforms: own } = await readDeployed(modelFolder);
  const transforms = crop === null ? own : [{ type: 'Resize', target_size: [crop.width, crop.height] }, ...own];
  const path = join(folder, 'paddle2onnx.yml');
  await writeAtomicFile(path, `# The model of ${source}\n${stringify({ model: section })}`);
  const deploy = join(folder, 'deploy.yaml');
  const place = (file: string) => relative(resolve(dirname(deploy)), resolve(file));
  const contents = {
    model: place(onnxFile),
    params: place(params),
    transforms,
    inputShape: [-1, await imageChannels(section), -1, -1],
    section,
  };
  await writeAtomicFile(deploy, renderDeployFile(contents));
  const shrunk =
    crop === null
      ? []
      : [
          `pictures resized to ${crop.width}×${crop.height}, where ${source} takes them as they are (--crop ${crop.width}x${crop.height})`,
        ];
  return { path, deployed: { weights: params, deploy }, deviations: { train: [], infer: shrunk }, notes: [] };
}

/** @throws EnvironmentError for a folder that `tipcheck export` did not write */
export async function readDeployed(modelFolder: string): Promise<DeployFile> {
  const path = join(modelFolder, 'deploy.yaml');
  try {
    return await readDeployFile(path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new EnvironmentError(
      `Cannot convert ${modelFolder}: it has no deploy.yaml that tipcheck export wrote; one is wanted, for Paddle's own graph is not read. Fix: npx tipcheck export --config <yml> --model_path <weights> --save_dir ${modelFolder}`,
    );
  }
}
