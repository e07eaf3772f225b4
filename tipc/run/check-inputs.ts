import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { planTraining } from '../../pipeline/config/training-plan.js';
import { checkFiles } from '../../pipeline/data/check-files.js';
import { checkPadding } from '../../pipeline/data/check-padding.js';
import type { ListedImage } from '../../pipeline/predict/list-images.js';
import { modelSection, type PaddleSegConfig, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { sectionAt } from '../../pipeline/yml/section.js';
import { listInferred } from '../inputs/list-inferred.js';
import type { PlannedInputs } from '../inputs/planned-inputs.js';
import type { TipcPlan } from '../plan/plan.js';
import { hasOwnPort } from '../steps/runner-names.js';

/**
 * Looks at all that the steps will read, before the first of them runs.
 * @throws UserError for a model that is not there, and for missing data, with how to get them
 */
export async function checkInputs({ plan, configs, ports }: PlannedInputs): Promise<void> {
  // PaddleSeg has more models and data sets than tipcheck, and looks at its own.
  const isOurs = hasOwnPort(ports);
  for (const [named, { path }] of configs) {
    const config = await readPaddleSegConfig(path);
    if (!isOurs) continue;
    const section = modelSection(config);
    (await findModel(section)).parse(section);
    const steps = plan.steps.filter(({ request }) => request.value('--config') === named);
    await withFix(plan, rootsOf(config), async () => {
      if (steps.some(({ kind }) => kind === 'train')) {
        const { recipe, ignoreIndex } = await planTraining(config, {}, 0);
        const sizes = await checkFiles(recipe.dataSet);
        await checkPadding(sectionAt(config, 'train_dataset'), recipe.dataSet, sizes, ignoreIndex);
      }
      if (steps.some(({ kind, request }) => kind === 'eval' || request.has('--do_eval')))
        await checkFiles((await planEvaluation(config)).recipe.dataSet);
    });
  }
  const trains = plan.steps.some(({ kind }) => kind === 'train');
  const weights = plan.steps.flatMap(({ kind, request }) =>
    kind === 'export' && !trains ? (request.value('--model_path') ?? []) : [],
  );
  for (const path of new Set(weights))
    await withFix(plan, [path], async () => {
      if (!existsSync(path))
        throw new UserError(`Cannot export ${path}: there is no such file; trained weights are wanted`);
    });
  const images = new Set(
    plan.steps.flatMap(({ kind, request }) => (kind === 'infer' ? (request.value('--image_path') ?? []) : [])),
  );
  for (const path of images)
    await withFix(plan, [path], async () => validateNames(await listInferred(path, ports), path));
}

function rootsOf({ values }: PaddleSegConfig): string[] {
  return ['train_dataset', 'val_dataset'].flatMap((key) => {
    const { dataset_root: root } = (values[key] ?? {}) as { readonly dataset_root?: unknown };
    return typeof root === 'string' ? [root] : [];
  });
}

/** Masks are named by their pictures' last part. */
function validateNames(images: readonly ListedImage[], list: string): void {
  const stems = images.map(({ name }) => basename(name, extname(name)));
  const twice = stems.find((stem, at) => stems.indexOf(stem) !== at);
  if (twice === undefined) return;
  throw new UserError(
    `Cannot infer ${list}: it names two pictures ${twice}, and both masks would be ${twice}.png; names that differ are wanted`,
  );
}

/** @param made what `tipcheck prepare` makes where it is not there; what is there it leaves as it is */
async function withFix(plan: TipcPlan, made: readonly string[], look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof UserError) || made.every((path) => existsSync(path))) throw error;
    throw new UserError(
      `${messageOf(error).replace(/\. Fix: .*$/, '')}. Fix: npx tipcheck prepare ${plan.path} ${plan.mode}`,
    );
  }
}
