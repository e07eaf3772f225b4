import { existsSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import type { ModelSection } from '../../harness/contract/port.js';
import { portThatCan } from '../../harness/hosts/read-ports.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { out } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { readPlain, readPlainText } from '../../harness/support/plain-file.js';
import { findModel } from '../../models/registry.js';
import { buildTransforms } from '../augment/registry.js';
import { pictureChannels } from '../config/picture-channels.js';
import { renderDeployFile } from '../deploy/deploy-file.js';
import { readModelWeights, seededWeights } from '../weights/export-weights.js';
import { applyOpts } from '../yml/apply-opts.js';
import { modelSection, type PaddleSegConfig, readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { sectionAt } from '../yml/section.js';
import { takeShippedData } from '../yml/take-shipped.js';
import { describeIdle } from './describe-idle.js';

export interface ExportCommandOptions {
  readonly config: string;
  readonly model_path?: string;
  readonly seed: number;
  readonly out?: string;
  readonly save_dir?: string;
  readonly input_shape?: readonly number[];
  readonly output_op?: string;
  readonly for_fd?: boolean;
  readonly opts?: readonly string[];
  readonly draws: 'input' | 'random';
  readonly layers?: boolean;
}

/** `tipcheck export`: writes the file of --out, or the folder of --save_dir. */
export async function runExport(options: ExportCommandOptions): Promise<void> {
  const { out: file, save_dir: folder } = options;
  if (file !== undefined && folder === undefined) return exportFile(options, file);
  if (folder !== undefined && file === undefined) return exportFolder(options, folder);
  throw new UserError('Cannot export: one of --out <file> and --save_dir <folder> is wanted');
}

async function exportFile(options: ExportCommandOptions, file: string): Promise<void> {
  refuseUnsupported(options);
  validateEnding(file);
  const { bytes, notes } = await exportConfig(options, await readConfig(options));
  await writeAtomicFile(file, bytes);
  for (const note of [...notes, ...describeIdle({ input_shape: options.input_shape })]) out(note);
  out(`${file}: ${(bytes.length / 1e6).toFixed(1)} MB`);
}

/**
 * What tools/export.py takes and tipcheck does not do. Its default is argmax as well: where nothing is said, nothing is
 * promised.
 */
function refuseUnsupported({ output_op: op, for_fd }: ExportCommandOptions): void {
  if (for_fd !== true && (op === undefined || op === 'none')) return;
  throw new UserError(
    `Cannot export with ${for_fd === true ? '--for_fd' : `--output_op ${op}`}: the graph gives logits, of which tipcheck infer takes the largest; a command without it is wanted`,
  );
}

/** What tools/export.py makes, for `tipcheck infer`: transforms are those of val_dataset, as there. */
async function exportFolder(options: ExportCommandOptions, folder: string): Promise<void> {
  refuseUnsupported(options);
  const { model_path: weights } = options;
  if (weights === undefined)
    throw new UserError(
      `Cannot export to ${folder}: no weights are given, and a deployed model of seeded numbers is of no use. Fix: --model_path <file>`,
    );
  const params = `model${extname(weights)}`;
  await refuseForeignFiles(folder, params, weights);
  const config = await readConfig(options);
  const section = sectionAt(config, 'val_dataset');
  await buildTransforms(section);
  const channels = await pictureChannels(modelSection(config), section);
  const inputShape = options.input_shape ?? [-1, channels, -1, -1];
  validateInputShape(inputShape, channels);
  const { bytes, notes } = await exportConfig(options, config);
  await writeAtomicFile(join(folder, 'model.onnx'), bytes);
  if (resolve(weights) !== resolve(folder, params))
    await writeAtomicFile(join(folder, params), await readPlain(weights));
  const deploy = renderDeployFile({
    model: 'model.onnx',
    params,
    transforms: section.values.transforms as unknown[],
    inputShape,
    section: modelSection(config),
  });
  await writeAtomicFile(join(folder, 'deploy.yaml'), deploy);
  for (const note of notes) out(note);
  out(`The inference model is saved in ${folder}: model.onnx, ${basename(params)}, deploy.yaml`);
}

/**
 * What an earlier export wrote is written again; what is somebody else's is not: Paddle's export has a deploy.yaml,
 * too.
 */
async function refuseForeignFiles(folder: string, params: string, weights: string): Promise<void> {
  const deploy = join(folder, 'deploy.yaml');
  if (existsSync(deploy) && /^\s*model:\s*model\.onnx\s*$/m.test(await readPlainText(deploy))) return;
  const ours = ['deploy.yaml', 'model.onnx', params].filter((name) => resolve(folder, name) !== resolve(weights));
  const foreign = ours.find((name) => existsSync(join(folder, name)));
  if (foreign === undefined) return;
  throw new UserError(
    `Cannot export to ${folder}: its ${foreign} is of no export of tipcheck and would be overwritten; a folder without it is wanted`,
  );
}

function validateInputShape(shape: readonly number[], channels: number): void {
  if (shape.length === 4 && (shape[1] === channels || shape[1] === -1)) return;
  throw new UserError(
    `Cannot export with --input_shape ${shape.join(' ')}: the model takes images of ${channels === 1 ? 'one channel' : `${channels} channels`}; [batch, ${channels}, height, width] is wanted. Fix: --input_shape 1 ${channels} 512 1024`,
  );
}

async function readConfig({ config, opts = [] }: ExportCommandOptions): Promise<PaddleSegConfig> {
  return applyOpts(takeShippedData(await readPaddleSegConfig(config)), opts);
}

async function exportConfig(
  options: ExportCommandOptions,
  config: PaddleSegConfig,
): Promise<{ bytes: Uint8Array; notes: string[] }> {
  const { exportModel } = await portThatCan('export').capabilities.export!();
  const section = modelSection(config);
  const definition = await findModel(section);
  const parameters = definition.parameters(definition.parse(section));
  const origin = new Map([
    ['tipcheck.config', options.config],
    ['tipcheck.config.sha256', await hashFile(options.config)],
  ]);
  const { draws, layers = false, model_path: path, seed } = options;
  if (path === undefined) {
    origin.set('tipcheck.weights', `seeded uniform/1, seed ${seed}`);
    const bytes = await exportModel(section, seededWeights(seed, parameters), { draws, layers, origin });
    return { bytes, notes: [seededNote(seed, section)] };
  }
  const weights = await readModelWeights(path, parameters);
  origin.set('tipcheck.weights', path);
  origin.set('tipcheck.weights.sha256', await hashFile(path));
  return { bytes: await exportModel(section, weights, { draws, layers, origin }), notes: [`weights: ${path}`] };
}

/** What the yml names as pretrained is not fetched: that is said, since the reference would. */
function seededNote(seed: number, section: ModelSection): string {
  const { backbone, pretrained = (backbone as ModelSection | undefined)?.pretrained } = section;
  const unread = pretrained == null ? '' : `; pretrained (${String(pretrained)}) is not read`;
  return `weights: seeded numbers, seed ${seed}, as no --model_path is given${unread}`;
}

function validateEnding(path: string): void {
  if (path.endsWith('.onnx')) return;
  throw new UserError(`Cannot write the model ${path}: its name ends otherwise; .onnx is wanted`);
}
