import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { modelSection, readPaddleSegConfig } from '../../harness/config/paddleseg-yml.js';
import type { ModelSection } from '../../harness/hosts/port-contract.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { exportModel } from '../../ports/ort/export-model.js';
import { readModelWeights, seededWeights } from '../export-weights.js';

interface ExportCommandOptions {
  readonly config: string;
  readonly model_path?: string;
  readonly seed: number;
  readonly out: string;
  readonly draws: 'input' | 'random';
  readonly layers?: boolean;
}

export function register(program: Command): void {
  program
    .command('export')
    .helpGroup('Your port, your weights:')
    .summary('write a model as an ONNX file')
    .description(
      'Writes the model of a PaddleSeg yml as an ONNX file of open batch, height and width. Exit codes: 0 written, 2 bad usage or input.',
    )
    .requiredOption('--config <yml>', 'a PaddleSeg model config')
    .option('--model_path <file>', 'weights: .pdparams, .safetensors or .npz (default: seeded numbers)')
    .option('--seed <number>', 'the seed of the weights where no file gives them', parseSeed, 0)
    .requiredOption('--out <file>', 'the file to write, *.onnx')
    .addOption(
      new Option('--draws <source>', "where NMF's random bases come from: an input, or the graph itself in every run")
        .choices(['input', 'random'])
        .default('input'),
    )
    .option('--layers', 'keep every parameter and sublayer under its name, for `tipcheck judge`; slower')
    .action(async (options: ExportCommandOptions) => {
      const { bytes, notes } = await exportConfig(options);
      await writeAtomicFile(options.out, bytes);
      for (const note of notes) process.stdout.write(`${note}\n`);
      process.stdout.write(`${options.out}: ${(bytes.length / 1e6).toFixed(1)} MB\n`);
    });
}

async function exportConfig(options: ExportCommandOptions): Promise<{ bytes: Uint8Array; notes: string[] }> {
  validateEnding(options.out);
  const config = await readPaddleSegConfig(options.config);
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
  origin.set('tipcheck.weights', path);
  origin.set('tipcheck.weights.sha256', await hashFile(path));
  const weights = await readModelWeights(path, parameters);
  return { bytes: await exportModel(section, weights, { draws, layers, origin }), notes: [`weights: ${path}`] };
}

/** What the yml names as pretrained is not fetched: that is said, since the reference would. */
function seededNote(seed: number, section: ModelSection): string {
  const { backbone, pretrained = (backbone as ModelSection | undefined)?.pretrained } = section;
  const unread = pretrained == null ? '' : `; pretrained (${String(pretrained)}) is not read`;
  return `weights: seeded numbers, seed ${seed}, as no --model_path is given${unread}`;
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

function validateEnding(path: string): void {
  if (path.endsWith('.onnx')) return;
  throw new UserError(`Cannot write the model ${path}: its name ends otherwise; .onnx is wanted`);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InvalidArgumentError('a whole number from 0 to 4294967295 is wanted.');
  }
  return seed;
}
