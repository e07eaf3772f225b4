import { existsSync } from 'node:fs';
import { modelSection, readPaddleSegConfig } from '../../harness/config/paddleseg-yml.js';
import type { TipcPlan } from '../../harness/config/tipc-plan.js';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { planTraining } from '../../pipeline/config/training-plan.js';
import { checkFiles } from '../../pipeline/data/check-files.js';
import { listImages } from '../../pipeline/predict/list-images.js';
import { optionOf } from './command-arguments.js';
import { paddleSegPort } from './paddleseg/find-paddleseg.js';
import type { ResolvedConfig } from './resolve-config.js';

/**
 * Looks at all that the steps will read, before the first of them runs.
 * @throws UserError for a model that is not there, and for missing data, with how to get them
 */
export async function checkInputs(
  plan: TipcPlan,
  configs: ReadonlyMap<string, ResolvedConfig>,
  ports: readonly string[],
): Promise<void> {
  // PaddleSeg has more models and data sets than tipcheck, and looks at its own.
  const isOurs = ports.some((port) => port !== paddleSegPort);
  for (const [named, { path }] of configs) {
    const config = await readPaddleSegConfig(path);
    if (!isOurs) continue;
    const section = modelSection(config);
    (await findModel(section)).parse(section);
    const steps = plan.steps.filter(({ argv }) => optionOf(argv, '--config') === named);
    await withFix(plan, async () => {
      if (steps.some(({ kind }) => kind === 'train'))
        await checkFiles((await planTraining(config, {}, 0)).recipe.dataSet);
      if (steps.some(({ kind, argv }) => kind === 'eval' || argv.includes('--do_eval')))
        await checkFiles((await planEvaluation(config)).recipe.dataSet);
    });
  }
  const trains = plan.steps.some(({ kind }) => kind === 'train');
  const weights = plan.steps.flatMap(({ kind, argv }) =>
    kind === 'export' && !trains ? (optionOf(argv, '--model_path') ?? []) : [],
  );
  for (const path of new Set(weights))
    await withFix(plan, async () => {
      if (!existsSync(path))
        throw new UserError(`Cannot export ${path}: there is no such file; trained weights are wanted`);
    });
  const images = new Set(
    plan.steps.flatMap(({ kind, argv }) => (kind === 'infer' ? (optionOf(argv, '--image_path') ?? []) : [])),
  );
  for (const path of images) await withFix(plan, async () => void (await listImages(path)));
}

async function withFix(plan: TipcPlan, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${messageOf(error).replace(/\. Fix: .*$/, '')}. Fix: npx tipcheck prepare ${plan.path} ${plan.mode}`,
    );
  }
}
