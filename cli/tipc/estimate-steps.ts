import { modelSection, readPaddleSegConfig } from '../../harness/config/paddleseg-yml.js';
import { elementCount } from '../../harness/support/nd-array.js';
import { findModel, readModels } from '../../models/registry.js';
import { optionOf } from './command-arguments.js';
import { estimateWork, memoryLimitMb } from './estimate.js';
import { paddleSegPort } from './paddleseg/find-paddleseg.js';
import type { Translation } from './translate-step.js';

/** Trainings with what they will take; one that would not fit into this machine's memory is refused before anything runs. */
export async function estimateSteps(translations: readonly Translation[]): Promise<Translation[]> {
  const limitMb = memoryLimitMb();
  const estimated: Translation[] = [];
  for (const one of translations) {
    const estimate = one.step.kind === 'train' && one.args !== null ? await estimateTraining(one, one.args) : null;
    estimated.push(
      estimate !== null && one.device !== 'gpu' && estimate.memoryMb > limitMb
        ? { ...one, estimate, ...refuse(estimate.memoryMb, limitMb) }
        : { ...one, estimate },
    );
  }
  return estimated;
}

function refuse(memoryMb: number, limitMb: number): Pick<Translation, 'args' | 'lack' | 'reason'> {
  const gb = (mb: number) => (mb / 1024).toFixed(1);
  return {
    args: null,
    lack: 'memory',
    reason: `it would take about ${gb(memoryMb)} GB of memory, and there are ${gb(limitMb)}`,
  };
}

async function estimateTraining(
  { port, step }: Translation,
  args: readonly string[],
): Promise<Translation['estimate']> {
  const config = await readPaddleSegConfig(optionOf(args, '--config') ?? '');
  const { transforms } = (config.values.train_dataset ?? {}) as { readonly transforms?: unknown };
  const crop = Array.isArray(transforms) ? transforms.find(({ type }) => type === 'RandomPaddingCrop') : undefined;
  const [width = 512, height = 512]: readonly number[] = crop?.crop_size ?? [];
  const section = modelSection(config);
  // PaddleSeg has models that no folder here defines: what they take is not known.
  if (port === paddleSegPort && !(await readModels()).has(String(section.type))) return null;
  const definition = await findModel(section);
  const shapes = [...definition.parameters(definition.parse(section)).values()];
  return estimateWork({
    ...{ kind: 'train', port, ranks: step.row.ranks },
    pixels: width * height * Number(optionOf(args, '--batch_size') ?? config.values.batch_size),
    iterations: Number(optionOf(args, '--iters') ?? config.values.iters),
    parameters: shapes.reduce((sum, shape) => sum + elementCount(shape), 0),
  });
}
